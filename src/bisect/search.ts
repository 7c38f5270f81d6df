// The search as a pure function of the trials so far: what to test next, or the answer. Whoever drives it can be
// killed at any moment, since the log of trials is the whole state.
import { equalCuts } from "./cuts.js";
import {
  chooseNext,
  credibleSet,
  firstBadProbabilities,
  initialPosterior,
  observe,
  type Flakiness,
  type Observation,
  type Posterior,
} from "./posterior.js";

/** Ordered releases: index 0 is held to be good, the last one bad. */
export interface SearchPlan {
  releases: number;
  flakiness: Flakiness;
  /** Stop when one release is the first bad one with this probability; 0.95 by default. */
  confidence?: number;
  /** Trials after which the search stops with what it has; default 200. */
  mostTrials?: number;
  /** Weight of each release as the first bad one, before any trial: at most 5 to 1, or 0. */
  prior?: readonly number[];
  /** Minutes that a trial takes of a release which fails with the given chance; Infinity for one that can't be tested. */
  minutes?: (index: number, failing: number) => number;
}

export type SearchState =
  | { kind: "test"; index: number; probabilities: number[] }
  /** One release, with its probability. */
  | { kind: "found"; index: number; probability: number; probabilities: number[] }
  /** No more can be learnt: the credible set at the confidence asked for. */
  | { kind: "narrowed"; candidates: number[]; probabilities: number[] };

/** What is known after these trials, and what to do next. */
export function nextInSearch(plan: SearchPlan, trials: readonly Observation[]): SearchState {
  return stateOfSearch(plan, beliefAfter(plan, trials), trials.length);
}

export function beliefAfter(plan: SearchPlan, trials: readonly Observation[]): Posterior {
  return trials.reduce(observe, initialPosterior(plan.releases, plan.flakiness, plan.prior));
}

/** The same for who keeps the belief, which is what takes time. */
export function stateOfSearch(plan: SearchPlan, belief: Posterior, trials: number): SearchState {
  const confidence = plan.confidence ?? 0.95;
  const probabilities = firstBadProbabilities(belief);
  const candidates = credibleSet(probabilities, confidence);
  const [likeliest] = candidates;
  if (candidates.length === 1 && likeliest !== undefined)
    return { kind: "found", index: likeliest, probability: probabilities[likeliest]!, probabilities };
  const index =
    trials >= (plan.mostTrials ?? 200) ? undefined : chooseNext(belief, plan.minutes ?? (() => 1));
  if (index === undefined) return { kind: "narrowed", candidates, probabilities };
  return { kind: "test", index, probabilities };
}

/** Which releases to test at once on so many free targets; `pending` are under test already. */
export function testsAtOnce(
  plan: SearchPlan,
  belief: Posterior,
  { pending, count }: { pending: readonly number[]; count: number },
): number[] {
  const minutes = plan.minutes ?? (() => 1);
  if (plan.flakiness === "none" && pending.length + count > 1)
    return equalCuts(firstBadProbabilities(belief), {
      pending,
      count,
      canTest: (index) => minutes(index, 0.5) < Infinity,
    });
  const chosen: number[] = [];
  while (chosen.length < count) {
    const index = chooseNext(belief, minutes, [...pending, ...chosen]);
    if (index === undefined) break;
    chosen.push(index);
  }
  return chosen;
}
