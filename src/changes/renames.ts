// A removed and an added unit that are one under a new name. The body alone misleads both ways: boilerplate with other
// names is alike at 91 %, real renames go down to 70 %; so the names count too.
import { codeTokens } from "../source/code-tokens.js";
import { textOf, type Placed } from "./match-units.js";

export interface Rename {
  before: Placed;
  after: Placed;
  /** Of the bodies, 0 to 1. */
  similarity: number;
}

interface Profile {
  placed: Placed;
  pairs: Map<string, number>;
  size: number;
  name: Map<string, number>;
}

const threshold = 0.74;
const bodyWeight = 0.6;
const leastBody = 0.5;
const leastTokens = 12;
const renameable = new Set(["function", "struct", "union", "enum", "table"]);

export function findRenames(gone: readonly Placed[], fresh: readonly Placed[]): Rename[] {
  const olds = gone.flatMap(profile);
  const news = fresh.flatMap(profile);
  const candidates = olds.flatMap((before) => news.flatMap((after) => candidate(before, after)));
  candidates.sort((a, b) => b.score - a.score);
  const taken = new Set<Placed>();
  return candidates.flatMap(({ before, after, similarity }) => {
    if (taken.has(before) || taken.has(after)) return [];
    taken.add(before).add(after);
    return [{ before, after, similarity }];
  });
}

function candidate(before: Profile, after: Profile): (Rename & { score: number })[] {
  if (before.placed.unit.kind !== after.placed.unit.kind) return [];
  const ratio = Math.min(before.size, after.size) / Math.max(before.size, after.size);
  if (ratio < leastBody / 2) return [];
  const names = dice(before.name, after.name);
  if (bodyWeight + (1 - bodyWeight) * names < threshold && ratio < 0.97) return [];
  const similarity = dice(before.pairs, after.pairs);
  const isSame = similarity > 0.97 && before.size >= 60;
  const score = bodyWeight * similarity + (1 - bodyWeight) * names;
  if (similarity < leastBody || (score < threshold && !isSame)) return [];
  return [{ before: before.placed, after: after.placed, similarity, score }];
}

function profile(placed: Placed): Profile[] {
  const { unit } = placed;
  if (!renameable.has(unit.kind)) return [];
  const tokens = codeTokens(textOf(placed)).filter((token) => token !== unit.name);
  if (tokens.length < leastTokens) return [];
  return [
    {
      placed,
      pairs: pairsOf(tokens),
      size: tokens.length,
      name: pairsOf(Array.from(unit.name.replace(/^_*[A-Za-z0-9]+_/, ""))),
    },
  ];
}

function pairsOf(items: readonly string[]): Map<string, number> {
  const pairs = new Map<string, number>();
  for (let at = 0; at + 1 < items.length; at++) {
    const pair = `${items[at]!} ${items[at + 1]!}`;
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
  }
  return pairs;
}

/** 2 |A and B| / (|A| + |B|) over multisets. */
function dice(a: Map<string, number>, b: Map<string, number>): number {
  let common = 0;
  let total = 0;
  for (const [item, count] of a) {
    common += Math.min(count, b.get(item) ?? 0);
    total += count;
  }
  for (const count of b.values()) total += count;
  return total === 0 ? 0 : (2 * common) / total;
}
