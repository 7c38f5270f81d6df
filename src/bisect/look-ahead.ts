// What a bisect does about modules besides testing them: builds what it may need next while the target is busy, and
// tests no code twice.
import type { BuildAhead } from "../step/build-ahead.js";
import { assess } from "./situation.js";
import type { OwnLine } from "./own-lines.js";
import { testsDue } from "./tests-due.js";
import type { View } from "./view.js";

/** The releases that may be tested next once `index` has its verdict, whichever it is; `pending` are under test beside it. */
export function nextAfter(
  { facts }: Pick<View, "facts">,
  { index, pending }: { index: number; pending: readonly number[] },
): number[] {
  const after = (["bad", "good"] as const).flatMap((verdict) => {
    const then = { ...facts, trials: [...facts.trials, { index, verdict, minutes: 1 }] };
    return testsDue(then, assess(then), { pending, free: 1 });
  });
  return [...new Set(after)].filter((other) => other !== index);
}

/** A wait that nobody wonders about. */
const silenceMs = 2000;

interface Waiting {
  ahead: BuildAhead;
  /** Told of the place in the line whose module is waited for, where that takes a while. */
  onWait: (index: number) => void;
}

/**
 * A release whose module has the code of the one at `index`, which is to be tested next, as a line for the log: the bug did not come
 * between the two. Undefined where that is known already, or no tested one has the same code.
 */
export async function findSameCode(
  view: View,
  index: number,
  { ahead, onWait }: Waiting,
): Promise<Extract<OwnLine, { kind: "same-code" }> | undefined> {
  const { next } = view.situation;
  if (next.kind !== "test" || next.why !== "search") return undefined;
  const { commits } = view.line;
  const codeAt = async (at: number): Promise<string | undefined> => {
    const told = setTimeout(() => onWait(at), silenceMs);
    return ahead.codeOf(commits[at]!.commit, { isNice: false }).finally(() => clearTimeout(told));
  };
  const code = await codeAt(index);
  if (code === undefined) return undefined;
  const tested = new Set(view.trials.filter(({ verdict }) => verdict !== "skip").map((trial) => trial.index));
  for (const other of tested) {
    const isKnown = view.facts.same.some((pair) => pair.includes(index) && pair.includes(other));
    if (other === index || isKnown || (await codeAt(other)) !== code) continue;
    return { kind: "same-code", commits: [commits[other]!.commit, commits[index]!.commit] };
  }
  return undefined;
}
