// Which lines GNU diff sets aside before it searches: those that the other side doesn't have, and frequent ones in the
// middle of a run of such lines (discard_confusing_lines in diffutils' analyze.c). Without this step the counts of
// `diff -r` are not met: a shortest script joins stray braces that a reader would not call equal.
import type { NumberedLines } from "./number-lines.js";

const gone = 1;
const provisional = 2;

/** For each side 1 where a line is set aside, else 0. */
export function discardLines({ before, after, distinct }: NumberedLines): [Uint8Array, Uint8Array] {
  return [discarded(before, countOf(after, distinct)), discarded(after, countOf(before, distinct))];
}

function countOf(numbers: Int32Array, distinct: number): Int32Array {
  const counts = new Int32Array(distinct);
  for (const number of numbers) counts[number]!++;
  return counts;
}

function discarded(numbers: Int32Array, otherCounts: Int32Array): Uint8Array {
  let many = 5;
  for (let rest = numbers.length >> 8; rest > 0; rest >>= 2) many *= 2;
  const marks = new Uint8Array(numbers.length);
  for (let at = 0; at < numbers.length; at++) {
    const matches = otherCounts[numbers[at]!]!;
    if (matches === 0) marks[at] = gone;
    else if (matches > many) marks[at] = provisional;
  }
  for (let at = 0; at < marks.length; at++)
    if (marks[at] === provisional) marks[at] = 0;
    else if (marks[at] === gone) at = settleRun(marks, at) - 1;
  return marks.map((mark) => (mark === 0 ? 0 : gone));
}

/** Decides the provisional lines of the run that starts at `start`; gives its end. */
function settleRun(marks: Uint8Array, start: number): number {
  let end = start;
  let count = 0;
  for (; end < marks.length && marks[end] !== 0; end++) if (marks[end] === provisional) count++;
  while (end > start && marks[end - 1] === provisional) {
    marks[--end] = 0;
    count--;
  }
  const run = marks.subarray(start, end);
  if (count * 4 > run.length) {
    for (let at = 0; at < run.length; at++) if (run[at] === provisional) run[at] = 0;
  } else {
    clearSubruns(run);
    clearEdge(run);
    run.reverse();
    clearEdge(run);
    run.reverse();
  }
  return end;
}

/** A subrun of frequent lines as long as about the square root of a quarter of the run is text of its own. */
function clearSubruns(run: Uint8Array): void {
  let least = 1;
  for (let rest = run.length >> 4; rest > 0; rest >>= 2) least *= 2;
  least++;
  for (let at = 0; at < run.length; at++) {
    let end = at;
    while (end < run.length && run[end] === provisional) end++;
    if (end - at >= least) run.fill(0, at, end);
    at = Math.max(at, end);
  }
}

/** From the edge of a run on, frequent lines stay until three others stand in a row, or one after eight lines. */
function clearEdge(run: Uint8Array): void {
  let inRow = 0;
  for (let at = 0; at < run.length && inRow < 3; at++) {
    if (at >= 8 && run[at] === gone) return;
    inRow = run[at] === gone ? inRow + 1 : 0;
    if (run[at] === provisional) run[at] = 0;
  }
}
