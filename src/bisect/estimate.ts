// How many trials are still to come: the search is played out against worlds that the present belief holds possible.
import { mostTries, passesNeeded } from "./endpoints.js";
import { observe, passObservation, plainObservation, type Observation, type Posterior } from "./posterior.js";
import { beliefAfter, stateOfSearch, type SearchPlan } from "./search.js";
import type { BisectFacts, Situation } from "./situation.js";

export interface Estimate {
  trials: number;
  /** By what trials took so far; undefined before the first. */
  minutes: number | undefined;
}

const rounds = 30;

export interface EstimateMeans {
  /** Numbers from 0 to 1. */
  random: () => number;
  /** How many test at once. */
  targets: number;
}

/** Zero when there is nothing left to test. */
export function estimateRest(
  facts: BisectFacts,
  situation: Situation,
  { random, targets }: EstimateMeans,
): Estimate {
  if (situation.next.kind !== "test") return { trials: 0, minutes: 0 };
  const ofEnds = situation.next.why === "search" ? 0 : trialsOfEnds(facts, situation);
  // k tests at once cut the candidates into k + 1 parts.
  const rounds = trialsOfSearch(facts, situation, random) / Math.log2(targets + 1);
  const trials = Math.max(1, Math.round(ofEnds + targets * rounds));
  const inTurn = Math.max(1, Math.round(ofEnds / targets + rounds));
  const told = facts.trials.map(({ minutes }) => minutes);
  const mean = told.length === 0 ? undefined : told.reduce((a, b) => a + b, 0) / told.length;
  return { trials, minutes: mean === undefined ? undefined : inTurn * mean };
}

function trialsOfEnds({ plan, releases, marks }: BisectFacts, { ends, flakiness }: Situation): number {
  const isMarked = (end: number): boolean => marks.some(({ index }) => index === end);
  const failures = Math.max(0, plan.failures - ends.bad.failures);
  const rate = (ends.bad.failures + 1) / (ends.bad.failures + ends.bad.passes + 1);
  const ofBad = isMarked(releases - 1) ? 0 : Math.min(mostTries, failures / rate);
  const wanted = flakiness === "two-sided" ? 3 : passesNeeded(ends.bad, flakiness);
  const ofGood = isMarked(0) ? 0 : Math.max(0, wanted - ends.good.passes - ends.good.failures);
  return ofBad + ofGood;
}

function trialsOfSearch(facts: BisectFacts, { search }: Situation, random: () => number): number {
  const { plan, observations } = search;
  // Failures that the bad end still owes tell the rates; without them any rate is thought possible.
  const missing = Math.max(0, facts.plan.failures - observations.length);
  const pretended = Array.from({ length: missing }, () => plainObservation(plan.releases - 1, true));
  const belief = beliefAfter(plan, [...observations, ...pretended]);
  const missChance = meanMissChance(facts);
  let sum = 0;
  for (let round = 0; round < rounds; round++) {
    const { first, rates } = drawWorld(belief, random());
    const { failure, falseAlarm } = belief.rates[rates]!;
    sum += playOut(plan, belief, (index) =>
      random() < (index >= first ? failure : falseAlarm)
        ? plainObservation(index, true)
        : passObservation(index, missChance),
    );
  }
  return sum / rounds;
}

/** Of the passes so far: those to come stand for as much work. */
function meanMissChance({ trials }: BisectFacts): number | undefined {
  const told = trials.flatMap(({ missChance }) => (missChance === undefined ? [] : [missChance]));
  return told.length === 0 ? undefined : told.reduce((a, b) => a + b, 0) / told.length;
}

/** Trials until the search ends, in a world that answers so. */
function playOut(plan: SearchPlan, from: Posterior, answer: (index: number) => Observation): number {
  let belief = from;
  for (let trials = 0; ; trials++) {
    const state = stateOfSearch(plan, belief, trials);
    if (state.kind !== "test") return trials;
    belief = observe(belief, answer(state.index));
  }
}

interface World {
  /** The first bad release. */
  first: number;
  /** Which pair of the belief's rates holds. */
  rates: number;
}

function drawWorld({ cells, rates }: Posterior, at: number): World {
  let left = at;
  const cell = cells.findIndex((weight) => (left -= weight) < 0);
  const found = cell < 0 ? cells.findLastIndex((weight) => weight > 0) : cell;
  return { first: Math.floor(found / rates.length), rates: found % rates.length };
}
