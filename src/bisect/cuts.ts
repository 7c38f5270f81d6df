// Several targets at once and verdicts that can't be wrong: k tests cut the candidates into k + 1 parts that are as
// equal as can be, so that log(k + 1) rounds are enough. Pure.

/** Which releases to test beside those that are being tested. */
export interface CutsWanted {
  /** Being tested already. */
  pending: readonly number[];
  /** How many more. */
  count: number;
  canTest: (index: number) => boolean;
}

interface Part {
  /** The chance that the first bad release is below `from`, and that it is in this part. */
  from: number;
  mass: number;
  cuts: number;
}

/** Chances of each release to be the first bad one; fewer than `count` where no more would tell anything. */
export function equalCuts(chances: readonly number[], { pending, count, canTest }: CutsWanted): number[] {
  // Testing release i parts the first bad releases up to i from those after it.
  let sum = 0;
  const below = chances.map((chance) => (sum += chance));
  const at = (index: number): number => below[index]!;
  const tells = (index: number): boolean => at(index) > tiny && at(index) < 1 - tiny;
  const taken = pending.filter(tells).map(at);
  const parts = partsBetween(taken);
  for (let left = count; left > 0; left--) largestGain(parts).cuts++;
  const found: number[] = [];
  const isNew = (index: number): boolean =>
    tells(index) && canTest(index) && ![...taken, ...found.map(at)].some((cut) => same(cut, at(index)));
  for (const { from, mass, cuts } of parts)
    for (let cut = 1; cut <= cuts; cut++) {
      const wanted = from + (mass * cut) / (cuts + 1);
      const [nearest] = chances
        .map((_, index) => index)
        .filter((index) => isNew(index) && at(index) > from && at(index) < from + mass)
        .sort((a, b) => Math.abs(at(a) - wanted) - Math.abs(at(b) - wanted) || a - b);
      if (nearest !== undefined) found.push(nearest);
    }
  return found;
}

const tiny = 1e-9;

function same(one: number, other: number): boolean {
  return Math.abs(one - other) < tiny;
}

function partsBetween(cuts: readonly number[]): Part[] {
  const ends = [...new Set([0, ...cuts, 1])].sort((a, b) => a - b);
  return ends.slice(1).map((end, part) => ({ from: ends[part]!, mass: end - ends[part]!, cuts: 0 }));
}

/** The part in which one more cut takes most off what is expected to be left. */
function largestGain(parts: readonly Part[]): Part {
  const gain = ({ mass, cuts }: Part): number => mass ** 2 / (cuts + 1) - mass ** 2 / (cuts + 2);
  return parts.reduce((best, part) => (gain(part) > gain(best) + tiny ? part : best));
}
