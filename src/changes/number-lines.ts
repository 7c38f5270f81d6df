// The lines of two texts as numbers, equal for equal lines, without making a string of each: a release has a hundred
// thousand of them. The common ends are left out, as in GNU diff, whose counts depend on that.
import { codesOf } from "../source/lex.js";

export interface NumberedLines {
  /** How many equal lines stand before the numbered ones. */
  skipped: number;
  before: Int32Array;
  after: Int32Array;
  /** How many numbers there are. */
  distinct: number;
}

const newline = 10;

export function numberLines(before: string, after: string): NumberedLines {
  const [a, b] = [codesOf(before), codesOf(after)];
  const { start, aEnd, bEnd } = differingPart(a, b);
  let skipped = 0;
  for (let at = 0; at < start; at++) if (a[at] === newline) skipped++;
  const lines = new LineTable(countLines(a, start, aEnd) + countLines(b, start, bEnd));
  return {
    skipped,
    before: lines.numbersOf(a, start, aEnd),
    after: lines.numbersOf(b, start, bEnd),
    distinct: lines.distinct,
  };
}

/** From the start of the first line that differs to the end of the last one. */
function differingPart(a: Uint16Array, b: Uint16Array): { start: number; aEnd: number; bEnd: number } {
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start++;
  if (start === a.length && start === b.length) return { start, aEnd: start, bEnd: start };
  while (start > 0 && a[start - 1] !== newline) start--;
  let [aEnd, bEnd] = [a.length, b.length];
  while (aEnd > start && bEnd > start && a[aEnd - 1] === b[bEnd - 1]) {
    aEnd--;
    bEnd--;
  }
  while (aEnd < a.length && !(isLineStart(a, aEnd) && isLineStart(b, bEnd))) {
    aEnd++;
    bEnd++;
  }
  return { start, aEnd, bEnd };
}

function isLineStart(codes: Uint16Array, at: number): boolean {
  return at === 0 || codes[at - 1] === newline;
}

function countLines(codes: Uint16Array, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) if (codes[at] === newline) count++;
  return end > start && codes[end - 1] !== newline ? count + 1 : count;
}

/** A hash table of lines; a last line without its end differs from one with it. */
class LineTable {
  distinct = 0;
  private readonly slots: Int32Array;
  private readonly hashes: Int32Array;
  private readonly starts: Int32Array;
  private readonly ends: Int32Array;
  private readonly texts: Uint16Array[] = [];

  constructor(private readonly lineCount: number) {
    let size = 16;
    while (size < lineCount * 2) size *= 2;
    this.slots = new Int32Array(size);
    this.hashes = new Int32Array(lineCount);
    this.starts = new Int32Array(lineCount);
    this.ends = new Int32Array(lineCount);
  }

  numbersOf(codes: Uint16Array, start: number, end: number): Int32Array {
    const numbers = new Int32Array(this.lineCount);
    let count = 0;
    for (let at = start; at < end;) {
      const lineStart = at;
      let hash = 0;
      let code = 0;
      while (at < end && code !== newline) {
        code = codes[at++]!;
        hash = Math.imul(hash ^ code, 0x01000193);
      }
      numbers[count++] = this.numberOf(codes, { start: lineStart, end: at, hash: hash ^ (hash >>> 15) });
    }
    return numbers.subarray(0, count);
  }

  private numberOf(
    codes: Uint16Array,
    { start, end, hash }: { start: number; end: number; hash: number },
  ): number {
    const mask = this.slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const number = this.slots[slot]! - 1;
      if (number < 0) {
        this.slots[slot] = this.distinct + 1;
        this.hashes[this.distinct] = hash;
        this.starts[this.distinct] = start;
        this.ends[this.distinct] = end;
        this.texts.push(codes);
        return this.distinct++;
      }
      if (this.hashes[number] === hash && this.isSame(number, codes, { start, end })) return number;
    }
  }

  private isSame(
    number: number,
    codes: Uint16Array,
    { start, end }: { start: number; end: number },
  ): boolean {
    const from = this.starts[number]!;
    if (this.ends[number]! - from !== end - start) return false;
    const known = this.texts[number]!;
    for (let at = 0; at < end - start; at++) if (known[from + at] !== codes[start + at]) return false;
    return true;
  }
}
