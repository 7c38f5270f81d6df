// Lines as GNU diff counts them.
import { discardLines } from "./discard-lines.js";
import { numberLines } from "./number-lines.js";
import { collectHunks, diffNumbers, type DiffMarks, type Hunk } from "./sequence-diff.js";

export interface LineCounts {
  added: number;
  removed: number;
}

export interface LineDiff extends LineCounts {
  hunks: Hunk[];
}

/** The lines of a text, without their ends; a last line without "\n" is a line too. */
export function linesOf(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** Which lines of `before` were replaced by which of `after`; the same counts as `diff before after`. */
export function diffLines(before: string, after: string): LineDiff {
  const { removed, added, skipped } = markLines(before, after);
  const hunks = collectHunks({ removed, added }, skipped);
  return { hunks, added: countMarks(added), removed: countMarks(removed) };
}

/** The same without the hunks. */
export function countLines(before: string, after: string): LineCounts {
  const { removed, added } = markLines(before, after);
  return { added: countMarks(added), removed: countMarks(removed) };
}

function markLines(before: string, after: string): DiffMarks & { skipped: number } {
  const lines = numberLines(before, after);
  const [removed, added] = discardLines(lines);
  const olds = keptOf(lines.before, removed);
  const news = keptOf(lines.after, added);
  const marks = diffNumbers(olds.numbers, news.numbers);
  for (let at = 0; at < marks.removed.length; at++) if (marks.removed[at]) removed[olds.places[at]!] = 1;
  for (let at = 0; at < marks.added.length; at++) if (marks.added[at]) added[news.places[at]!] = 1;
  return { removed, added, skipped: lines.skipped };
}

/** The lines that were not set aside, with their places. */
function keptOf(numbers: Int32Array, discards: Uint8Array): { numbers: Int32Array; places: Int32Array } {
  const places = new Int32Array(numbers.length);
  const kept = new Int32Array(numbers.length);
  let count = 0;
  for (let at = 0; at < numbers.length; at++)
    if (discards[at] === 0) {
      places[count] = at;
      kept[count++] = numbers[at]!;
    }
  return { numbers: kept.subarray(0, count), places };
}

function countMarks(marks: Uint8Array): number {
  let count = 0;
  for (const mark of marks) count += mark;
  return count;
}
