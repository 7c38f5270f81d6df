// Which commits the branch needs: a pure decision, so that the same releases always give the same line.
import { compareVersions } from "../catalog/version.js";
import type { ExistingRelease } from "./existing.js";

export type HistoryStep<New> =
  | { kind: "keep"; release: ExistingRelease }
  | { kind: "rewrite"; release: ExistingRelease }
  | { kind: "add"; release: New };

export interface HistoryPlan<New> {
  steps: HistoryStep<New>[];
  /** New releases that stand before one that the history already has: its later commits would move. */
  filledHoles: string[];
}

/** Merges what is there with what is new, in numeric version order. */
export function planHistory<New extends { version: string }>(
  existing: readonly ExistingRelease[],
  added: readonly New[],
): HistoryPlan<New> {
  const all = [
    ...existing.map((release) => ({ version: release.version, step: { kind: "keep" as const, release } })),
    ...added.map((release) => ({ version: release.version, step: { kind: "add" as const, release } })),
  ].sort((a, b) => compareVersions(a.version, b.version));
  const firstNew = all.findIndex(({ step }) => step.kind === "add");
  const steps = all.map(({ step }, at): HistoryStep<New> =>
    step.kind === "keep" && firstNew >= 0 && at > firstNew ? { ...step, kind: "rewrite" } : step,
  );
  const lastOld = steps.findLastIndex((step) => step.kind !== "add");
  const filledHoles = steps
    .slice(0, lastOld + 1)
    .flatMap((step) => (step.kind === "add" ? [step.release.version] : []));
  return { steps, filledHoles };
}
