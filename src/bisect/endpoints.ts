// Before the search: does the bad end fail, how often, and does the good end stand what the bad one fails of? Pure.
import type { Flakiness } from "./posterior.js";

/** What the trials of one end said. */
export interface EndTrials {
  failures: number;
  passes: number;
  /** Of the passes whose chance of a miss is known. */
  missChances?: readonly number[];
}

export interface Ends {
  good: EndTrials;
  bad: EndTrials;
}

export type EndStep =
  | { kind: "ready" }
  | { kind: "test"; end: "good" | "bad" }
  /** The two ends can't be told apart; the search would answer by chance. */
  | { kind: "stuck"; problem: StuckEnd };

export type StuckEnd = "bad-end-passes" | "bad-end-flaky" | "good-end-fails" | "ends-alike";

/** Tries at an end before it is given up. */
export const mostTries = 12;

/** P(the good end would have failed by now, were it as bad as the bad end) that its passes must reach. */
const wantedProof = 0.9;
const leastGap = 0.04;

/** What may be wrong with a verdict, as the ends themselves show it. */
export function flakinessOfEnds({ good, bad }: Ends): Flakiness {
  if (good.failures > 0) return "two-sided";
  return bad.passes > 0 ? "one-sided" : "none";
}

export interface EndRules {
  /** How many failures of the bad end are wanted. */
  failures: number;
  /** Undefined: told from how the ends behave. */
  flaky: Flakiness | undefined;
  /** Ends that somebody vouches for. */
  vouched: ReadonlySet<"good" | "bad">;
}

/** The next trial of an end, or that both are known. */
export function nextOfEnds(ends: Ends, { failures, flaky, vouched }: EndRules): EndStep {
  const bad = vouched.has("bad") ? undefined : nextOfBad(ends.bad, failures, flaky);
  const good = (): EndStep | undefined => (vouched.has("good") ? undefined : nextOfGood(ends, flaky));
  return bad ?? good() ?? { kind: "ready" };
}

function nextOfBad(bad: EndTrials, wanted: number, flaky: Flakiness | undefined): EndStep | undefined {
  if (flaky === "none" && bad.passes > 0) return { kind: "stuck", problem: "bad-end-flaky" };
  if (bad.failures >= wanted) return undefined;
  if (bad.failures + bad.passes < mostTries) return { kind: "test", end: "bad" };
  return bad.failures === 0 ? { kind: "stuck", problem: "bad-end-passes" } : undefined;
}

function nextOfGood(ends: Ends, flaky: Flakiness | undefined): EndStep | undefined {
  const { good } = ends;
  if (flaky !== undefined && flaky !== "two-sided" && good.failures > 0)
    return { kind: "stuck", problem: "good-end-fails" };
  const mode = flaky ?? flakinessOfEnds(ends);
  const tries = good.failures + good.passes;
  if (mode !== "two-sided")
    return tries < mostTries && chanceUnseen(ends, mode) > 1 - wantedProof
      ? { kind: "test", end: "good" }
      : undefined;
  if (tries < 3) return { kind: "test", end: "good" };
  const apart = chanceApart(ends);
  if (apart >= wantedProof) return undefined;
  if (tries >= mostTries || apart < 0.5) return { kind: "stuck", problem: "ends-alike" };
  return { kind: "test", end: "good" };
}

/** P(the good end passed all its trials | it were as bad as the bad end); a pass after little work says less. */
function chanceUnseen({ good, bad }: Ends, flaky: Flakiness): number {
  const passing = 1 - failureRate(bad, flaky);
  const known = good.missChances ?? [];
  return known.reduce(
    (product, miss) => product * Math.max(passing, miss),
    passing ** (good.passes - known.length) - 1e-9,
  );
}

function failureRate({ failures, passes }: EndTrials, flaky: Flakiness): number {
  return flaky === "none" ? 1 : (failures + 1) / (failures + passes + 2);
}

/** Passes after which a release that fails as often as the bad end would have failed with a chance of 90 %. */
export function passesNeeded(bad: EndTrials, flaky: Flakiness): number {
  if (flaky === "none") return 1;
  return Math.min(mostTries, Math.ceil(Math.log(1 - wantedProof) / Math.log(1 - failureRate(bad, flaky))));
}

/** P(the bad end fails clearly more often than the good one), each rate evenly likely before. */
export function chanceApart({ good, bad }: Ends): number {
  const rates = Array.from({ length: 100 }, (_, at) => (at + 0.5) / 100);
  const weights = ({ failures, passes }: EndTrials): number[] => {
    const raw = rates.map((rate) => rate ** failures * (1 - rate) ** passes);
    const sum = raw.reduce((a, b) => a + b, 0);
    return raw.map((weight) => weight / sum);
  };
  const [ofGood, ofBad] = [weights(good), weights(bad)];
  return ofBad.reduce(
    (sum, weight, at) =>
      sum +
      weight *
        ofGood.reduce((part, other, low) => (rates[at]! > rates[low]! + leastGap ? part + other : part), 0),
    0,
  );
}
