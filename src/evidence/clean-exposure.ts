// What a clean run is worth: from the failures at the bad endpoint, how likely is it that the bug was there and did not show,
// and how much work would make that unlikely?

/** Runs of the bad endpoint, each with the work done until it failed or ended, in packets. */
export interface EndpointRuns {
  failed: readonly number[];
  /** It was stopped before it failed. */
  clean: readonly number[];
}

export interface WorkToFailure {
  /** "countdown": it fails after nearly the same work each time; "chance": any packet may be the one. */
  shape: "countdown" | "chance";
  largestPackets: number;
  /** So much work makes a miss no likelier than asked for; undefined: none does, since some runs never fail. */
  neededPackets: number | undefined;
}

const fewestForCountdown = 3;
/** Standard deviation over mean; failures by chance have 1. */
const countdownSpread = 0.3;
const countdownReserve = 1.5;
/** How likely a countdown is longer than its reserve. */
const beyondReserve = 0.05;

/** Undefined while the bad endpoint never failed. `missRate`: how likely a miss may be, such as 0.05. */
export function workToFailure(runs: EndpointRuns, missRate: number): WorkToFailure | undefined {
  if (runs.failed.length === 0) return undefined;
  const largestPackets = Math.max(...runs.failed);
  return {
    shape: isCountdown(runs) ? "countdown" : "chance",
    largestPackets,
    neededPackets: leastWork(largestPackets, (packets) => missChance(packets, runs) <= missRate),
  };
}

/**
 * P(no failure in so many packets | the bug is there), expected over all that the runs leave possible; 1 while no failure is
 * known. It is the likelihood of a clean run, and how often a bisect that takes such a run for good is misled.
 */
export function missChance(packets: number, runs: EndpointRuns): number {
  const { failed } = runs;
  if (failed.length === 0) return 1;
  if (!isCountdown(runs)) return missByChance(packets, runs);
  // The next of equals is the largest with this probability, whatever their distribution.
  const isLargest = 1 / (failed.length + 1);
  const largest = Math.max(...failed);
  if (packets < largest) return 1;
  if (packets < countdownReserve * largest) return isLargest;
  return Math.min(isLargest, beyondReserve, missByChance(packets, runs));
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

/** Before any run: P(the bug can show in every run). Else a run has it or not, as a driver that draws a number when it loads. */
const alwaysThere = 0.9;
const sometimesThere = Array.from({ length: 10 }, (_, at) => (at + 0.5) / 10);
const shares = [
  { share: 1, weight: alwaysThere },
  ...sometimesThere.map((share) => ({ share, weight: (1 - alwaysThere) / sometimesThere.length })),
];

/**
 * Bayes over two unknowns: in which share of the runs the bug can show, and how often a packet then meets it (each order of
 * magnitude evenly likely). With runs that all failed it is nearly (work / (work + packets)) ** failures.
 */
function missByChance(packets: number, { failed, clean }: EndpointRuns): number {
  const unit = sum(failed) / failed.length;
  const [done, open, more] = [failed.length, clean.map((work) => work / unit), packets / unit];
  const cells = hazards(done, sum(open)).flatMap((hazard) => {
    const ofFailures = done * Math.log(hazard) - done * hazard;
    const survived = (share: number, work: number): number => 1 - share + share * Math.exp(-hazard * work);
    return shares.map(({ share, weight }) => ({
      log: open.reduce(
        (log, work) => log + Math.log(survived(share, work)),
        Math.log(weight) + done * Math.log(share) + ofFailures,
      ),
      miss: survived(share, more),
    }));
  });
  const top = Math.max(...cells.map(({ log }) => log));
  const weights = cells.map(({ log }) => Math.exp(log - top));
  return sum(cells.map(({ miss }, at) => weights[at]! * miss)) / sum(weights);
}

/** Failures per mean work to failure: from far fewer than all the work allows to far more than the failures do. */
function hazards(failures: number, open: number): number[] {
  const [low, high] = [Math.log(1e-4 / (1 + open / failures)), Math.log(30)];
  const steps = Math.ceil((high - low) / 0.25);
  return Array.from({ length: steps + 1 }, (_, at) => Math.exp(low + (at * (high - low)) / steps));
}

/** The smallest work that is enough; undefined where even a million times the start is not. */
function leastWork(start: number, isEnough: (packets: number) => boolean): number | undefined {
  let enough = Math.max(1, Math.ceil(start));
  const limit = 1e6 * enough;
  while (!isEnough(enough)) if ((enough *= 2) > limit) return undefined;
  let short = 0;
  while (enough - short > 1) {
    const middle = Math.floor((short + enough) / 2);
    if (isEnough(middle)) enough = middle;
    else short = middle;
  }
  return enough;
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
