// Which unit of one file is which of another: by kind and name, and among variants first by text, then by condition,
// then by order.
import type { SourceFile, Unit } from "../source/source-file.js";

/** A unit in its file. */
export interface Placed {
  file: SourceFile;
  unit: Unit;
}

export interface UnitMatch {
  pairs: { before: Placed; after: Placed }[];
  gone: Placed[];
  fresh: Placed[];
}

export function textOf({ file, unit }: Placed): string {
  return file.text.slice(unit.span.startOffset, unit.span.endOffset);
}

export function placeUnits(file: SourceFile): Placed[] {
  return file.units.map((unit) => ({ file, unit }));
}

export function matchUnits(before: readonly Placed[], after: readonly Placed[]): UnitMatch {
  const match: UnitMatch = { pairs: [], gone: [], fresh: [] };
  const freshByName = groupByName(after);
  for (const [name, olds] of groupByName(before)) {
    const news = freshByName.get(name) ?? [];
    freshByName.delete(name);
    const [old] = olds;
    if (olds.length === 1 && news.length === 1) match.pairs.push({ before: old!, after: news[0]! });
    else pairVariants(olds, news, match);
  }
  for (const news of freshByName.values()) match.fresh.push(...news);
  return match;
}

function groupByName(placed: readonly Placed[]): Map<string, Placed[]> {
  const groups = new Map<string, Placed[]>();
  for (const one of placed) {
    const key = `${one.unit.kind} ${one.unit.name}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}

const variantKeys: readonly ((placed: Placed) => string)[] = [
  (placed) => `${conditionOf(placed.unit)}\n${textOf(placed)}`,
  textOf,
  (placed) => conditionOf(placed.unit),
  () => "",
];

function pairVariants(olds: readonly Placed[], news: readonly Placed[], match: UnitMatch): void {
  let gone = [...olds];
  let fresh = [...news];
  for (const key of variantKeys) {
    const waiting = new Map<string, Placed[]>();
    for (const one of fresh) waiting.set(key(one), [...(waiting.get(key(one)) ?? []), one]);
    const left: Placed[] = [];
    for (const before of gone) {
      const after = waiting.get(key(before))?.shift();
      if (after === undefined) left.push(before);
      else match.pairs.push({ before, after });
    }
    gone = left;
    fresh = [...waiting.values()].flat();
  }
  match.gone.push(...gone);
  match.fresh.push(...fresh);
}

/** The #if path of a unit as one text; empty for none. */
export function conditionOf(unit: Unit): string {
  return conditionText(unit.condition);
}

export function conditionText(parts: readonly string[]): string {
  if (parts.length < 2) return parts[0] ?? "";
  return parts
    .map((part) =>
      part.includes("||") && !/^!?\w*\([^()]*(?:\([^()]*\)[^()]*)*\)$/.test(part) ? `(${part})` : part,
    )
    .join(" && ");
}
