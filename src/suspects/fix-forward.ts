// What the first good release after the bad one changed again, and how near to the suspected change.
import type { UnitChange } from "../changes/change-set.js";
import { diffSequences } from "../changes/sequence-diff.js";

export interface Refix {
  /** How well the fix's shape suits: near, small, on existing lines, back to what it was. Only ratios mean something. */
  factor: number;
  /** Lines between the suspected change and the fix; undefined where the whole function was new. */
  distance: number | undefined;
  lines: number;
  returns: boolean;
  /** The lines that only one side of the fix has, with - and +. */
  text: string;
}

/** In a new function every line was changed, so that nearness says nothing: as if a few lines away. */
const nearnessOfNew = Math.exp(-1);

/** How a later fix meets a change of the same function. */
export function refixOf(change: UnitChange, fix: UnitChange): Refix {
  const bad = linesOf(change.newText);
  const after = linesOf(fix.newText);
  const repaired = diffSequences(bad, after);
  const isNew = change.oldText === "";
  const introduced = isNew ? [] : diffSequences(linesOf(change.oldText), bad);
  const distance = Math.min(
    ...introduced.flatMap((a) => repaired.map((b) => gap([a.newStart, a.newEnd], [b.oldStart, b.oldEnd]))),
    99,
  );
  const lines = fix.linesAdded + fix.linesRemoved;
  const returns = !isNew && squeeze(change.oldText) === squeeze(fix.newText);
  const edits = repaired.some((hunk) => hunk.oldEnd > hunk.oldStart) ? 1.5 : 1;
  const nearness = isNew ? nearnessOfNew : Math.exp(-distance / 3);
  const factor = ((1 + 3 * nearness) * edits * (returns ? 2 : 1)) / (1 + 0.05 * lines);
  const text = repaired
    .flatMap((hunk) => [
      ...bad.slice(hunk.oldStart, hunk.oldEnd).map((line) => `-${line}`),
      ...after.slice(hunk.newStart, hunk.newEnd).map((line) => `+${line}`),
    ])
    .join("\n");
  return { factor, distance: isNew ? undefined : distance, lines, returns, text };
}

function gap([aStart, aEnd]: [number, number], [bStart, bEnd]: [number, number]): number {
  return Math.max(0, bStart - aEnd, aStart - bEnd);
}

function linesOf(text: string): string[] {
  return text.split("\n").map((line) => line.trim());
}

function squeeze(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
