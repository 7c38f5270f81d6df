// The exact posterior over (first bad release, failure rate, false-alarm rate) on a small grid. A trial multiplies
// each cell by its likelihood; nothing is approximated but the two rates. Plug-in estimates of the rates stall.

/** What may be wrong with a verdict: nothing; a bad release may pass; or a good one may fail as well. */
export type Flakiness = "none" | "one-sided" | "two-sided";

interface Rate {
  rate: number;
  weight: number;
}

/** P(a bad release fails) and P(a good release fails): the grid of rates that a bisect considers. */
interface RateGrid {
  failure: readonly Rate[];
  falseAlarm: readonly Rate[];
}

const evenly = (rates: readonly number[]): Rate[] =>
  rates.map((rate) => ({ rate, weight: 1 / rates.length }));
const anyFailureRate = evenly([0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.97, 0.995]);

const gridOf = {
  none: { failure: [{ rate: 1, weight: 1 }], falseAlarm: [{ rate: 0, weight: 1 }] },
  "one-sided": { failure: anyFailureRate, falseAlarm: [{ rate: 0, weight: 1 }] },
  "two-sided": {
    failure: anyFailureRate,
    falseAlarm: [
      { rate: 0.002, weight: 0.5 },
      { rate: 0.02, weight: 0.25 },
      { rate: 0.05, weight: 0.15 },
      { rate: 0.1, weight: 0.07 },
      { rate: 0.2, weight: 0.03 },
    ],
  },
} as const satisfies Record<Flakiness, RateGrid>;

/** A failing release must fail clearly more often than a clean one, or there is nothing to bisect. */
const leastRateGap = 0.04;

interface RatePair {
  failure: number;
  falseAlarm: number;
}

/** Belief after some trials. `cells[first * rates.length + r]`: the bug came in with release `first`, rates r. */
export interface Posterior {
  readonly releases: number;
  readonly rates: readonly RatePair[];
  readonly cells: Float64Array;
}

/** One trial of a release (index into the ordered releases), as the likelihood of what was seen. */
export interface Observation {
  index: number;
  /** P(what was seen | the bug showed) and P(what was seen | it did not): 1 and 0 for a plain failure. */
  ifShown: number;
  ifNotShown: number;
}

/** A plain verdict as an observation. */
export function plainObservation(index: number, failed: boolean): Observation {
  return failed ? { index, ifShown: 1, ifNotShown: 0 } : { index, ifShown: 0, ifNotShown: 1 };
}

/** The belief before any trial: release 0 is good, the last one is bad, `prior` weighs the releases in between. */
export function initialPosterior(
  releases: number,
  flakiness: Flakiness,
  prior?: readonly number[],
): Posterior {
  const grid: RateGrid = gridOf[flakiness];
  const pairs = grid.failure.flatMap((failure) =>
    grid.falseAlarm
      .filter((alarm) => failure.rate > alarm.rate + leastRateGap)
      .map((alarm) => ({
        failure: failure.rate,
        falseAlarm: alarm.rate,
        weight: failure.weight * alarm.weight,
      })),
  );
  const cells = new Float64Array(releases * pairs.length);
  for (let first = 1; first < releases; first++)
    pairs.forEach((pair, r) => (cells[first * pairs.length + r] = pair.weight * (prior?.[first] ?? 1)));
  return normalised({
    releases,
    rates: pairs.map(({ failure, falseAlarm }) => ({ failure, falseAlarm })),
    cells,
  });
}

/** The belief after one more trial. Throws a RangeError where the trial contradicts every cell. */
export function observe(belief: Posterior, seen: Observation): Posterior {
  const width = belief.rates.length;
  const cells = belief.cells.map((weight, cell) => {
    const shown = showRate(belief.rates[cell % width]!, seen.index >= Math.floor(cell / width));
    return weight * (shown * seen.ifShown + (1 - shown) * seen.ifNotShown);
  });
  return normalised({ ...belief, cells });
}

/** P(release i is the first bad one), for each i; sums to 1. */
export function firstBadProbabilities(belief: Posterior): number[] {
  return sumOverRates(belief).map(({ mass }) => mass);
}

/** The smallest set of releases that holds the first bad one with the given probability, likeliest first. */
export function credibleSet(belief: Posterior, probability: number): number[] {
  const ranked = firstBadProbabilities(belief)
    .map((chance, index) => ({ chance, index }))
    .sort((a, b) => b.chance - a.chance || a.index - b.index);
  let covered = 0;
  const end = ranked.findIndex(({ chance }) => (covered += chance) >= probability - 1e-12);
  return ranked.slice(0, end < 0 ? undefined : end + 1).map(({ index }) => index);
}

/**
 * The release to test next: the one whose trial leaves the least expected entropy of the first bad release, per
 * minute. `minutes` is what a trial of a release costs; a release that can't be tested has Infinity, and stays a
 * candidate all the same. Undefined where no trial would tell anything more.
 */
export function chooseNext(belief: Posterior, minutes: (index: number) => number): number | undefined {
  const sums = sumOverRates(belief);
  const now = entropy(sums.map(({ mass }) => mass));
  let best: { index: number; gainPerMinute: number } | undefined;
  for (let index = 0; index < belief.releases; index++) {
    if (!Number.isFinite(minutes(index))) continue;
    const gainPerMinute = (now - expectedEntropy(sums, index)) / minutes(index);
    if (best === undefined || gainPerMinute > best.gainPerMinute + 1e-12) best = { index, gainPerMinute };
  }
  return best === undefined || best.gainPerMinute < 1e-9 ? undefined : best.index;
}

/** Per candidate: its mass, and that mass times the rates at which a bad and a good release fail. */
interface CandidateSum {
  mass: number;
  failing: number;
  alarming: number;
}

function sumOverRates(belief: Posterior): CandidateSum[] {
  const width = belief.rates.length;
  return Array.from({ length: belief.releases }, (_, first) => {
    const sum = { mass: 0, failing: 0, alarming: 0 };
    belief.rates.forEach((rates, r) => {
      const weight = belief.cells[first * width + r]!;
      sum.mass += weight;
      sum.failing += weight * rates.failure;
      sum.alarming += weight * rates.falseAlarm;
    });
    return sum;
  });
}

function expectedEntropy(sums: readonly CandidateSum[], index: number): number {
  const shown = sums.map((sum, first) => (index >= first ? sum.failing : sum.alarming));
  const notShown = sums.map((sum, first) => sum.mass - shown[first]!);
  return [shown, notShown].reduce((total, part) => {
    const mass = part.reduce((a, b) => a + b, 0);
    return mass > 0 ? total + mass * entropy(part.map((weight) => weight / mass)) : total;
  }, 0);
}

function showRate(rates: RatePair, isBad: boolean): number {
  return isBad ? rates.failure : rates.falseAlarm;
}

function entropy(probabilities: readonly number[]): number {
  return probabilities.reduce((sum, p) => (p > 0 ? sum - p * Math.log2(p) : sum), 0);
}

function normalised(belief: Posterior): Posterior {
  const total = belief.cells.reduce((a, b) => a + b, 0);
  if (!(total > 0)) throw new RangeError("the trials contradict each other under every rate considered");
  return { ...belief, cells: belief.cells.map((weight) => weight / total) };
}
