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
    // Evenly: a weight that believes in few false alarms takes one for the bug (92 % right; evenly 98 %, in fewer trials).
    falseAlarm: evenly([0.002, 0.02, 0.05, 0.1, 0.2]),
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
  /** P(what was seen | the bug is in the release) is no less than this: how little work a pass stands for. */
  leastIfBad?: number;
}

/** A plain verdict as an observation. */
export function plainObservation(index: number, failed: boolean): Observation {
  return failed ? { index, ifShown: 1, ifNotShown: 0 } : { index, ifShown: 0, ifNotShown: 1 };
}

/** A pass of a release that would have passed with chance `missChance` were the bug in it; undefined: as the rates say. */
export function passObservation(index: number, missChance: number | undefined): Observation {
  const plain = plainObservation(index, false);
  return missChance === undefined ? plain : { ...plain, leastIfBad: missChance };
}

/** What speaks for the bug, or against it, by a ratio of likelihoods. */
export function softObservation(index: number, ratio: number): Observation {
  return { index, ifShown: ratio / (1 + ratio), ifNotShown: 1 / (1 + ratio) };
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
  const { rates, releases } = belief;
  const likelihoods = (isBad: boolean): number[] =>
    rates.map((pair) => {
      const shown = isBad ? pair.failure : pair.falseAlarm;
      const likelihood = shown * seen.ifShown + (1 - shown) * seen.ifNotShown;
      return isBad ? Math.max(likelihood, seen.leastIfBad ?? 0) : likelihood;
    });
  const [ifGood, ifBad] = [likelihoods(false), likelihoods(true)];
  const cells = Float64Array.from(belief.cells);
  for (let first = 0; first < releases; first++) {
    const likelihood = seen.index >= first ? ifBad : ifGood;
    for (let r = 0; r < rates.length; r++) cells[first * rates.length + r]! *= likelihood[r]!;
  }
  return normalised({ ...belief, cells });
}

/** P(release i is the first bad one), for each i; sums to 1. */
export function firstBadProbabilities(belief: Posterior): number[] {
  return sumOverRates(belief).map(({ mass }) => mass);
}

/** The smallest set of releases that holds the first bad one with the given probability, likeliest first. */
export function credibleSet(probabilities: readonly number[], probability: number): number[] {
  const ranked = probabilities
    .map((chance, index) => ({ chance, index }))
    .sort((a, b) => b.chance - a.chance || a.index - b.index);
  let covered = 0;
  const end = ranked.findIndex(({ chance }) => (covered += chance) >= probability - 1e-12);
  return ranked.slice(0, end < 0 ? undefined : end + 1).map(({ index }) => index);
}

/**
 * The release to test next: the one whose trial leaves the least expected entropy of the first bad release, per
 * minute. `minutes` is what a trial of a release costs that fails with the given chance; a release that can't be tested
 * has Infinity, and stays a candidate all the same. `beside` are being tested meanwhile: what they may say is weighed,
 * whichever it is. Undefined where no trial would tell anything more.
 */
export function chooseNext(
  belief: Posterior,
  minutes: (index: number, failing: number) => number,
  beside: readonly number[] = [],
): number | undefined {
  const outcomes = outcomesOf(belief, beside).map(({ chance, after }) => ({
    chance,
    sums: sumOverRates(after),
  }));
  let best: { index: number; gainPerMinute: number } | undefined;
  for (let index = 0; index < belief.releases; index++) {
    let [gain, failing] = [0, 0];
    for (const { chance, sums } of outcomes) {
      const expected = expect(sums, index);
      gain += chance * (entropyOf(sums) - expected.left);
      failing += chance * expected.failing;
    }
    const gainPerMinute = gain / minutes(index, failing);
    if (best === undefined || gainPerMinute > best.gainPerMinute + 1e-12) best = { index, gainPerMinute };
  }
  return best === undefined || best.gainPerMinute < leastGain ? undefined : best.index;
}

/** What a trial of the release is expected to tell of the first bad one, in bits. */
export function expectedGain(belief: Posterior, index: number): number {
  const sums = sumOverRates(belief);
  return entropyOf(sums) - expect(sums, index).left;
}

const leastGain = 1e-9;

/** What trials of these releases may say together, and what would be believed then. */
function outcomesOf(belief: Posterior, indices: readonly number[]): { chance: number; after: Posterior }[] {
  return indices.reduce(
    (outcomes, index) =>
      outcomes.flatMap(({ chance, after }) => {
        const { failing } = expect(sumOverRates(after), index);
        return ([true, false] as const).flatMap((failed) => {
          const share = failed ? failing : 1 - failing;
          if (share < leastGain) return [];
          return [{ chance: chance * share, after: observe(after, plainObservation(index, failed)) }];
        });
      }),
    [{ chance: 1, after: belief }],
  );
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

/** What a trial of a release would leave of the entropy, on average, and the chance that it fails. */
function expect(sums: readonly CandidateSum[], index: number): { left: number; failing: number } {
  let [failing, ofFailing, ofPassing] = [0, 0, 0];
  for (let first = 0; first < sums.length; first++) {
    const sum = sums[first]!;
    const shown = index >= first ? sum.failing : sum.alarming;
    failing += shown;
    ofFailing += information(shown);
    ofPassing += information(sum.mass - shown);
  }
  // The parts are not normalised: H(part / mass) * mass = sum of -x log x, less -mass log mass.
  return { left: ofFailing - information(failing) + ofPassing - information(1 - failing), failing };
}

function entropyOf(sums: readonly CandidateSum[]): number {
  return sums.reduce((sum, { mass }) => sum + information(mass), 0);
}

function information(probability: number): number {
  return probability > 0 ? -probability * Math.log2(probability) : 0;
}

function normalised(belief: Posterior): Posterior {
  const { cells } = belief;
  let total = 0;
  for (const weight of cells) total += weight;
  if (!(total > 0)) throw new RangeError("the trials contradict each other under every rate considered");
  for (let cell = 0; cell < cells.length; cell++) cells[cell]! /= total;
  return belief;
}
