// Myers' difference in linear space over numbered lines or words, as git and diff do it. A middle that costs too much is
// cut at the furthest point reached, so that two unrelated files of any size end in bounded time.

/** A stretch of `before` replaced by a stretch of `after`; ends are exclusive. */
export interface Hunk {
  oldStart: number;
  oldEnd: number;
  newStart: number;
  newEnd: number;
}

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const costLimit = 4096;
const beyond = 0x3fffffff;

/** The hunks between two sequences, in order and apart. Equal items are those with equal texts. */
export function diffSequences(before: readonly string[], after: readonly string[]): Hunk[] {
  const numbers = new Map<string, number>();
  const number = (text: string): number => {
    const known = numbers.get(text);
    if (known !== undefined) return known;
    numbers.set(text, numbers.size);
    return numbers.size - 1;
  };
  const marks = diffNumbers(Int32Array.from(before, number), Int32Array.from(after, number));
  return collectHunks(marks);
}

/** For each item of two sequences of numbers 1 where it has no counterpart, else 0. */
export interface DiffMarks {
  removed: Uint8Array;
  added: Uint8Array;
}

export function diffNumbers(before: Int32Array, after: Int32Array): DiffMarks {
  return new Difference(before, after).marks();
}

/** Runs of marked items; `skipped` items stand before the first one on both sides. */
export function collectHunks({ removed, added }: DiffMarks, skipped = 0): Hunk[] {
  const found: Hunk[] = [];
  let x = 0;
  let y = 0;
  while (x < removed.length || y < added.length) {
    const [oldStart, newStart] = [x, y];
    while (removed[x]) x++;
    while (added[y]) y++;
    if (x > oldStart || y > newStart)
      found.push({
        oldStart: oldStart + skipped,
        oldEnd: x + skipped,
        newStart: newStart + skipped,
        newEnd: y + skipped,
      });
    else {
      x++;
      y++;
    }
  }
  return found;
}

/** Of one search at a time, which writes each place before it reads it. */
let memory = new Int32Array(0);

class Difference {
  private readonly removed: Uint8Array;
  private readonly added: Uint8Array;
  private readonly forward: Int32Array;
  private readonly backward: Int32Array;

  constructor(
    private readonly a: Int32Array,
    private readonly b: Int32Array,
  ) {
    this.removed = new Uint8Array(a.length);
    this.added = new Uint8Array(b.length);
    const diagonals = a.length + b.length + 5;
    if (memory.length < 2 * diagonals) memory = new Int32Array(2 * diagonals);
    this.forward = memory.subarray(0, diagonals);
    this.backward = memory.subarray(diagonals, 2 * diagonals);
  }

  marks(): DiffMarks {
    const work: Box[] = [{ left: 0, top: 0, right: this.a.length, bottom: this.b.length }];
    for (let box = work.pop(); box !== undefined; box = work.pop()) work.push(...this.split(box));
    return { removed: this.removed, added: this.added };
  }

  /** Marks what is decided; gives the boxes that are left. */
  private split({ left, top, right, bottom }: Box): Box[] {
    while (left < right && top < bottom && this.a[left] === this.b[top]) {
      left++;
      top++;
    }
    while (left < right && top < bottom && this.a[right - 1] === this.b[bottom - 1]) {
      right--;
      bottom--;
    }
    if (left === right) this.added.fill(1, top, bottom);
    else if (top === bottom) this.removed.fill(1, left, right);
    else {
      const [x, y] = this.middle({ left, top, right, bottom });
      if ((x > left || y > top) && (x < right || y < bottom))
        return [
          { left, top, right: x, bottom: y },
          { left: x, top: y, right, bottom },
        ];
      this.removed.fill(1, left, right);
      this.added.fill(1, top, bottom);
    }
    return [];
  }

  /** A point on a shortest path, where the searches from both corners meet; the scheme is that of git's xdiff. */
  private middle({ left, top, right, bottom }: Box): [number, number] {
    const { a, b, forward, backward } = this;
    const zero = b.length + 2;
    const width = right - left;
    const height = bottom - top;
    const delta = width - height;
    const isOdd = (delta & 1) !== 0;
    let [fromMin, fromMax, toMin, toMax] = [0, 0, delta, delta];
    forward[zero] = 0;
    backward[zero + delta] = width;
    for (let cost = 1; ; cost++) {
      if (fromMin > -height) forward[zero + --fromMin - 1] = -1;
      else fromMin++;
      if (fromMax < width) forward[zero + ++fromMax + 1] = -1;
      else fromMax--;
      for (let k = fromMax; k >= fromMin; k -= 2) {
        let x = Math.max(forward[zero + k - 1]! + 1, forward[zero + k + 1]!);
        while (x < width && x - k < height && a[left + x] === b[top + x - k]) x++;
        forward[zero + k] = x;
        if (isOdd && k >= toMin && k <= toMax && backward[zero + k]! <= x) return [left + x, top + x - k];
      }
      if (toMin > -height) backward[zero + --toMin - 1] = beyond;
      else toMin++;
      if (toMax < width) backward[zero + ++toMax + 1] = beyond;
      else toMax--;
      for (let k = toMax; k >= toMin; k -= 2) {
        let x = Math.min(backward[zero + k - 1]!, backward[zero + k + 1]! - 1);
        while (x > 0 && x - k > 0 && a[left + x - 1] === b[top + x - k - 1]) x--;
        backward[zero + k] = x;
        if (!isOdd && k >= fromMin && k <= fromMax && x <= forward[zero + k]!) return [left + x, top + x - k];
      }
      if (cost >= costLimit)
        return furthest({ left, top, right, bottom }, forward, { zero, fromMin, fromMax });
    }
  }
}

function furthest(
  { left, top, right, bottom }: Box,
  forward: Int32Array,
  range: { zero: number; fromMin: number; fromMax: number },
): [number, number] {
  let best: [number, number] = [left, top];
  for (let k = range.fromMin; k <= range.fromMax; k += 2) {
    const x = left + Math.min(forward[range.zero + k]!, right - left);
    const y = top + (x - left) - k;
    if (y >= top && y <= bottom && x + y > best[0] + best[1]) best = [x, y];
  }
  return best;
}
