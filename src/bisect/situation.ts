// All that is known of a bisect as one value, and what follows from it: the next trial, or the answer. Pure, so that
// whoever drives it can be killed at any moment: the same log gives the same next step.
import { flakinessOfEnds, nextOfEnds, type Ends, type EndTrials, type StuckEnd } from "./endpoints.js";
import type { BisectPlan, TrialLine } from "./own-lines.js";
import {
  passObservation,
  plainObservation,
  softObservation,
  type Flakiness,
  type Observation,
} from "./posterior.js";
import { wasClean } from "../step/verdict.js";
import { nextInSearch, type SearchPlan, type SearchState } from "./search.js";

export interface SeenTrial extends Pick<
  TrialLine,
  "verdict" | "cause" | "minutes" | "likelihoodRatio" | "missChance"
> {
  /** Place in the line: 0 is the good end. */
  index: number;
}

export interface BisectFacts {
  releases: number;
  plan: Pick<BisectPlan, "flaky" | "confidence" | "failures">;
  /** In the order they were made. */
  trials: readonly SeenTrial[];
  /** A person's own words, which hold whatever a trial says. */
  marks: readonly { index: number; as: "good" | "bad" | "skip" }[];
  /** Pairs of releases whose modules have the same code: the bug did not come between them. */
  same: readonly (readonly [number, number])[];
  /** How likely each release is the first bad one before any trial, at most 5 to 1; left out: evenly. */
  prior?: readonly number[];
}

export type Next =
  | { kind: "test"; index: number; why: "bad-end" | "good-end" | "search" }
  | { kind: "found"; index: number; probability: number }
  /** Nothing more can be learnt; the first bad one is among these with the wanted confidence. */
  | { kind: "narrowed"; candidates: number[] }
  | { kind: "stuck"; problem: Problem };

export type Problem =
  | StuckEnd
  | "good-end-untestable"
  | "bad-end-untestable"
  /** A person's marks, or the trials under what the plan says of them, can't all be true. */
  | "contradiction";

export interface Situation {
  next: Next;
  flakiness: Flakiness;
  ends: Ends;
  /** P(the bug came with release i); empty before the search. */
  probabilities: number[];
  /** Never tested, but still candidates. */
  untestable: ReadonlySet<number>;
  /** What the search goes by, for an estimate. */
  search: { plan: SearchPlan; observations: readonly Observation[] };
}

/** Skips after which a release is not tried again, by cause; other causes may be an accident once. */
const skipsToGiveUp: Readonly<Record<string, number>> = { "build-failed": 1, "load-failed": 1 };
const otherSkips = 2;

export function assess(facts: BisectFacts): Situation {
  const last = facts.releases - 1;
  const ends = { good: endTrials(facts, 0), bad: endTrials(facts, last) };
  const flakiness = facts.plan.flaky ?? flakinessOfEnds(ends);
  const untestable = untestableOf(facts);
  const search = {
    plan: searchPlan(facts, { flakiness, untestable }),
    observations: observationsOf(facts, flakiness),
  };
  const known = { flakiness, ends, untestable, search };
  const step = endStep(facts, { ends, untestable });
  if (step !== undefined) return { ...known, next: step, probabilities: [] };
  const state = trySearch(search);
  if (state === undefined)
    return { ...known, next: { kind: "stuck", problem: "contradiction" }, probabilities: [] };
  return { ...known, next: nextOf(state), probabilities: state.probabilities };
}

function nextOf(state: SearchState): Next {
  switch (state.kind) {
    case "test":
      return { kind: "test", index: state.index, why: "search" };
    case "found":
      return { kind: "found", index: state.index, probability: state.probability };
    case "narrowed":
      return { kind: "narrowed", candidates: state.candidates };
  }
}

function endStep(
  { plan, marks, releases }: BisectFacts,
  { ends, untestable }: Pick<Situation, "ends" | "untestable">,
): Next | undefined {
  const last = releases - 1;
  const isVouched = (end: "good" | "bad"): boolean =>
    plan.failures === 0 || marks.some(({ index, as }) => index === (end === "good" ? 0 : last) && as === end);
  const vouched = new Set((["good", "bad"] as const).filter(isVouched));
  const step = nextOfEnds(ends, { failures: plan.failures, flaky: plan.flaky, vouched });
  if (step.kind === "ready") return undefined;
  if (step.kind === "stuck") return step;
  const index = step.end === "good" ? 0 : last;
  if (untestable.has(index)) return { kind: "stuck", problem: `${step.end}-end-untestable` };
  return { kind: "test", index, why: `${step.end}-end` };
}

function endTrials({ trials }: BisectFacts, end: number): EndTrials {
  const ofEnd = trials.filter(({ index }) => index === end);
  const passes = ofEnd.filter(didPass);
  const missChances = passes.flatMap(({ missChance }) => missChance ?? []);
  return { failures: ofEnd.filter(didFail).length, passes: passes.length, missChances };
}

function didFail({ verdict }: SeenTrial): boolean {
  return verdict === "bad";
}

/** For however much work: what it stands for is its chance of a miss. */
function didPass({ verdict, missChance }: SeenTrial): boolean {
  return wasClean({ kind: verdict, missChance });
}

function untestableOf({ trials, marks }: BisectFacts): Set<number> {
  const isTold = (trial: SeenTrial): boolean => didFail(trial) || didPass(trial);
  const skips = trials.filter((trial) => !isTold(trial));
  const told = new Set(trials.filter(isTold).map(({ index }) => index));
  const given = skips.filter(({ index, cause }) => {
    const count = skips.filter((other) => other.index === index).length;
    return !told.has(index) && count >= (skipsToGiveUp[cause ?? ""] ?? otherSkips);
  });
  return new Set([...given, ...marks.filter(({ as }) => as === "skip")].map(({ index }) => index));
}

/** The highest release that a person called good, and the lowest called bad; the ends where there is none. */
function boundsOf({ marks, releases }: BisectFacts): { good: number; bad: number } {
  const of = (word: string): number[] => marks.filter(({ as }) => as === word).map(({ index }) => index);
  return { good: Math.max(0, ...of("good")), bad: Math.min(releases - 1, ...of("bad")) };
}

/** A trial that a person's mark contradicts still tells of the rates, where these leave room for it. */
function observationsOf(facts: BisectFacts, flakiness: Flakiness): Observation[] {
  const { good, bad } = boundsOf(facts);
  return facts.trials.flatMap((trial) => {
    // Where no verdict may be wrong, how strongly it speaks does not matter.
    const ratio = flakiness === "none" ? undefined : trial.likelihoodRatio;
    const { index } = trial;
    const failed = didFail(trial);
    if (!failed && !didPass(trial)) return ratio === undefined ? [] : [softObservation(index, ratio)];
    if (failed && trial.index <= good && good > 0 && flakiness !== "two-sided") return [];
    if (!failed && trial.index >= bad && bad < facts.releases - 1 && flakiness === "none") return [];
    if (ratio !== undefined) return [softObservation(index, ratio)];
    return [failed ? plainObservation(index, true) : passObservation(index, trial.missChance)];
  });
}

function searchPlan(
  facts: BisectFacts,
  { flakiness, untestable }: Pick<Situation, "flakiness" | "untestable">,
): SearchPlan {
  const { good, bad } = boundsOf(facts);
  // Where no verdict may be wrong, halving is as good as any guess, and never worse.
  const weights = flakiness === "none" ? undefined : facts.prior;
  const prior = Array.from({ length: facts.releases }, (_, first) =>
    first > good &&
    first <= bad &&
    !facts.same.some(([a, b]) => Math.min(a, b) < first && first <= Math.max(a, b))
      ? (weights?.[first] ?? 1)
      : 0,
  );
  const mean = {
    failed: meanMinutes(facts.trials.filter(didFail)),
    passed: meanMinutes(facts.trials.filter(didPass)),
  };
  const minutes = (index: number, failing: number): number => {
    if (untestable.has(index)) return Infinity;
    if (flakiness === "none") return 1;
    const [failed, passed] = [mean.failed ?? mean.passed ?? 1, mean.passed ?? mean.failed ?? 1];
    return Math.max(1e-3, failing * failed + (1 - failing) * passed);
  };
  return { releases: facts.releases, flakiness, confidence: facts.plan.confidence, prior, minutes };
}

function meanMinutes(trials: readonly SeenTrial[]): number | undefined {
  const minutes = trials.map((trial) => trial.minutes);
  return minutes.length === 0 ? undefined : minutes.reduce((a, b) => a + b, 0) / minutes.length;
}

function trySearch({ plan, observations }: Situation["search"]): SearchState | undefined {
  try {
    return nextInSearch(plan, observations);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
