// What a clean run is worth: from the failures at the bad endpoint, how much work makes it unlikely that the bug was there
// and did not show?

/** Runs of the bad endpoint, each with the work done until it failed or ended, in packets. */
export interface EndpointRuns {
  failed: readonly number[];
  /** It was stopped before it failed. */
  clean: readonly number[];
}

export interface WorkToFailure {
  /** "countdown": it fails after nearly the same work each time; "chance": any packet may be the one. */
  shape: "countdown" | "chance";
  failures: number;
  /** So much work makes a miss less likely than asked for. */
  neededPackets: number;
  largestPackets: number;
}

const fewestForCountdown = 3;
/** Standard deviation over mean; failures by chance have 1. */
const countdownSpread = 0.3;
const countdownReserve = 1.5;
/** How sure it is that the bug is not rarer than taken here. */
const rarity = 0.05;

/** Undefined while the bad endpoint never failed. `missRate`: how likely a miss may be, such as 0.05. */
export function workToFailure(runs: EndpointRuns, missRate: number): WorkToFailure | undefined {
  const { failed } = runs;
  if (failed.length === 0) return undefined;
  const largestPackets = Math.max(...failed);
  const countdown = isCountdown(runs);
  return {
    shape: countdown ? "countdown" : "chance",
    failures: failed.length,
    largestPackets,
    neededPackets: Math.ceil(
      countdown ? countdownReserve * largestPackets : -Math.log(missRate) / leastHazard(runs),
    ),
  };
}

/** P(no failure in so many packets | the bug is there), at most (19 times in 20); 1 while nothing is known. */
export function missProbability(packets: number, runs: EndpointRuns): number {
  const { failed } = runs;
  if (failed.length === 0) return 1;
  if (!isCountdown(runs)) return Math.exp(-leastHazard(runs) * packets);
  // The next of equals is the largest with this probability, whatever their distribution.
  const largest = Math.max(...failed);
  if (packets < largest) return 1;
  return packets < countdownReserve * largest ? 1 / (failed.length + 1) : rarity;
}

/**
 * The same, expected over the rates that the failures leave possible: the likelihood of a clean run. Its bound above would
 * make a search repeat what it knows. For waiting times by chance it is exact, whatever their rate.
 */
export function missChance(packets: number, runs: EndpointRuns): number {
  const { failed, clean } = runs;
  if (failed.length === 0 || isCountdown(runs)) return missProbability(packets, runs);
  const work = sum(failed) + sum(clean);
  return (work / (work + packets)) ** failed.length;
}

/** One clean run of much more work than the failures took says that it is no countdown. */
function isCountdown({ failed, clean }: EndpointRuns): boolean {
  if (failed.length < fewestForCountdown) return false;
  const mean = sum(failed) / failed.length;
  const variance = sum(failed.map((work) => (work - mean) ** 2)) / (failed.length - 1);
  const largest = Math.max(...failed);
  return (
    Math.sqrt(variance) / mean < countdownSpread && clean.every((work) => work < countdownReserve * largest)
  );
}

/** Failures per packet, such that fewer are as unlikely as `rarity`: the gamma quantile over the whole work. */
function leastHazard({ failed, clean }: EndpointRuns): number {
  return gammaQuantile(failed.length, rarity) / (sum(failed) + sum(clean));
}

/** x with P(Gamma(shape, 1) < x) = p, for a whole shape: the sum of as many exponential waiting times. */
function gammaQuantile(shape: number, p: number): number {
  let [low, high] = [0, shape + 10 * Math.sqrt(shape) + 10];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (gammaBelow(shape, middle) < p) low = middle;
    else high = middle;
  }
  return low;
}

function gammaBelow(shape: number, x: number): number {
  let [term, rest] = [Math.exp(-x), Math.exp(-x)];
  for (let i = 1; i < shape; i++) rest += term *= x / i;
  return 1 - rest;
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
