// The lines of two texts as numbers, equal for equal lines. The common ends are left out, as in GNU diff, whose counts
// depend on that.

const block = 4096;

export interface NumberedLines {
  /** How many equal lines stand before the numbered ones. */
  skipped: number;
  before: Int32Array;
  after: Int32Array;
  /** How many numbers there are. */
  distinct: number;
}

export function numberLines(before: string, after: string): NumberedLines {
  const { start, beforeEnd, afterEnd } = differingPart(before, after);
  const numbers = new Map<string, number>();
  return {
    skipped: countLines(before, start),
    before: numbersOf(before.slice(start, beforeEnd), numbers),
    after: numbersOf(after.slice(start, afterEnd), numbers),
    distinct: numbers.size,
  };
}

/** From the start of the first line that differs to the end of the last one. */
function differingPart(a: string, b: string): { start: number; beforeEnd: number; afterEnd: number } {
  const shorter = Math.min(a.length, b.length);
  const same = commonLength(shorter, (from, to) => a.slice(from, to) === b.slice(from, to));
  if (same === a.length && same === b.length) return { start: same, beforeEnd: same, afterEnd: same };
  const start = same === 0 ? 0 : a.lastIndexOf("\n", same - 1) + 1;
  const tail = (text: string, from: number, to: number): string =>
    text.slice(text.length - to, text.length - from);
  const ending = commonLength(shorter - start, (from, to) => tail(a, from, to) === tail(b, from, to));
  const kept = ending - toLineStart(a, b, ending);
  return { start, beforeEnd: a.length - kept, afterEnd: b.length - kept };
}

/** Up to which length two texts are the same; whole blocks are compared first, so that nothing is compared often. */
function commonLength(limit: number, isSame: (from: number, to: number) => boolean): number {
  let start = 0;
  while (start + block <= limit && isSame(start, start + block)) start += block;
  let [low, high] = [start, Math.min(start + block, limit)];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (isSame(low, middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** How much of a common end belongs to a line that begins before it. */
function toLineStart(a: string, b: string, ending: number): number {
  const isStart = (text: string): boolean =>
    ending === text.length || text[text.length - ending - 1] === "\n";
  if (ending === 0 || (isStart(a) && isStart(b))) return 0;
  const lineEnd = a.indexOf("\n", a.length - ending);
  return lineEnd < 0 ? ending : lineEnd + 1 - (a.length - ending);
}

function countLines(text: string, end: number): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0 && at < end; at = text.indexOf("\n", at + 1)) count++;
  return count;
}

/** A last line without its end differs from one with it. */
function numbersOf(text: string, numbers: Map<string, number>): Int32Array {
  const found: number[] = [];
  for (let at = 0; at < text.length;) {
    const lineEnd = text.indexOf("\n", at) + 1 || text.length;
    const line = text.slice(at, lineEnd);
    let number = numbers.get(line);
    if (number === undefined) numbers.set(line, (number = numbers.size));
    found.push(number);
    at = lineEnd;
  }
  return new Int32Array(found);
}
