// Lines as GNU diff counts them.
import { discardLines } from "./discard-lines.js";
import { numberLines } from "./number-lines.js";
import { collectHunks, diffNumbers, type Hunk } from "./sequence-diff.js";

export interface LineDiff {
  hunks: Hunk[];
  added: number;
  removed: number;
}

/** The lines of a text, without their ends; a last line without "\n" is a line too. */
export function linesOf(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** Which lines of `before` were replaced by which of `after`; the same counts as `diff before after`. */
export function diffLines(before: string, after: string): LineDiff {
  const lines = numberLines(before, after);
  const [removed, added] = discardLines(lines);
  const olds = keptOf(lines.before, removed);
  const news = keptOf(lines.after, added);
  const marks = diffNumbers(olds.numbers, news.numbers);
  for (let at = 0; at < marks.removed.length; at++) if (marks.removed[at]) removed[olds.places[at]!] = 1;
  for (let at = 0; at < marks.added.length; at++) if (marks.added[at]) added[news.places[at]!] = 1;
  const hunks = collectHunks({ removed, added }, lines.skipped);
  return { hunks, added: countMarks(added), removed: countMarks(removed) };
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
