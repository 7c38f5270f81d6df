// What the first good release after the bad one changed again, and how near to the suspected change.
import type { UnitChange } from "../changes/change-set.js";
import { diffSequences } from "../changes/sequence-diff.js";

export interface Refix {
  /** How much likelier the change is for it, at least 1 when the fix touches the function. */
  factor: number;
  /** Lines between the suspected change and the fix. */
  distance: number;
  lines: number;
  returns: boolean;
}

/** How a later fix meets a change of the same function. */
export function refixOf(change: UnitChange, fix: UnitChange): Refix {
  const bad = linesOf(change.newText);
  const introduced = diffSequences(linesOf(change.oldText), bad);
  const repaired = diffSequences(bad, linesOf(fix.newText));
  const distance = Math.min(
    ...introduced.flatMap((a) => repaired.map((b) => gap([a.newStart, a.newEnd], [b.oldStart, b.oldEnd]))),
    99,
  );
  const lines = fix.linesAdded + fix.linesRemoved;
  const returns = change.oldText !== "" && squeeze(change.oldText) === squeeze(fix.newText);
  const edits = repaired.some((hunk) => hunk.oldEnd > hunk.oldStart) ? 1.5 : 1;
  const factor = ((1 + 3 * Math.exp(-distance / 3)) * edits * (returns ? 2 : 1)) / (1 + 0.05 * lines);
  return { factor, distance, lines, returns };
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
