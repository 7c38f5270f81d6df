// Most units of two versions of a file are the same: they are found by walking both files in step, so that only the rest
// is matched and compared.
import type { SourceFile } from "../source/source-file.js";
import { textOf, type Placed } from "./match-units.js";

/** How many new or lost units in a row are looked over for the next one that is the same. */
const furthest = 200;

/** The units of two files but for those, one for one, that both have with equal text under an equal condition. */
export function differingUnits(before: SourceFile, after: SourceFile): { olds: Placed[]; news: Placed[] } {
  const [olds, news] = [new Walk(before), new Walk(after)];
  while (!olds.isDone && !news.isDone) {
    const [old, now] = [olds.ahead(0)!, news.ahead(0)!];
    if (isSame(old, now)) {
      olds.pass();
      news.pass();
    } else if (isNamesake(old, now)) {
      olds.keep(1);
      news.keep(1);
    } else {
      const fresh = news.find((one) => isSame(old, one));
      const lost = fresh < 0 ? olds.find((one) => isSame(one, now)) : -1;
      if (fresh > 0) news.keep(fresh);
      else olds.keep(Math.max(lost, 1));
    }
  }
  olds.keep(Infinity);
  news.keep(Infinity);
  return { olds: olds.kept, news: news.kept };
}

/** A file's units in order: each is kept or passed. */
class Walk {
  readonly kept: Placed[] = [];
  private at = 0;

  constructor(private readonly file: SourceFile) {}

  get isDone(): boolean {
    return this.at >= this.file.units.length;
  }

  ahead(by: number): Placed | undefined {
    const unit = this.file.units[this.at + by];
    return unit && { file: this.file, unit };
  }

  pass(): void {
    this.at++;
  }

  keep(count: number): void {
    const end = Math.min(this.at + count, this.file.units.length);
    for (; this.at < end; this.at++) this.kept.push({ file: this.file, unit: this.file.units[this.at]! });
  }

  /** How far ahead the nearest unit that passes a test stands, -1 for none near. */
  find(test: (placed: Placed) => boolean): number {
    for (let by = 1; by <= furthest; by++) {
      const placed = this.ahead(by);
      if (placed === undefined) return -1;
      if (test(placed)) return by;
    }
    return -1;
  }
}

function isNamesake({ unit: a }: Placed, { unit: b }: Placed): boolean {
  return a.kind === b.kind && a.name === b.name;
}

function isSame(a: Placed, b: Placed): boolean {
  return isNamesake(a, b) && isSameCondition(a.unit.condition, b.unit.condition) && textOf(a) === textOf(b);
}

function isSameCondition(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((part, at) => part === b[at]);
}
