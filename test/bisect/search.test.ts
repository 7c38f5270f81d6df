import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plainObservation, type Flakiness, type Observation } from "../../src/bisect/posterior.js";
import { nextInSearch, type SearchState } from "../../src/bisect/search.js";

interface World {
  releases: number;
  firstBad: number;
  failureRate: number;
  falseAlarmRate: number;
  random: () => number;
}

function bisect(world: World, flakiness: Flakiness): { end: SearchState; trials: number } {
  const trials: Observation[] = [];
  for (;;) {
    const state = nextInSearch({ releases: world.releases, flakiness }, trials);
    if (state.kind !== "test") return { end: state, trials: trials.length };
    const rate = state.index >= world.firstBad ? world.failureRate : world.falseAlarmRate;
    trials.push(plainObservation(state.index, world.random() < rate));
  }
}

/** Park and Miller's minimal standard generator: the same run every time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

function simulate(
  flakiness: Flakiness,
  rates: { failureRate: number; falseAlarmRate: number },
  rounds: number,
) {
  const random = seeded(7);
  const runs = Array.from({ length: rounds }, (_, round) => {
    const firstBad = 1 + (round % 53);
    const { end, trials } = bisect({ releases: 54, firstBad, random, ...rates }, flakiness);
    return { right: end.kind === "found" && end.index === firstBad, trials };
  });
  return {
    right: runs.filter((run) => run.right).length / rounds,
    meanTrials: runs.reduce((sum, run) => sum + run.trials, 0) / rounds,
  };
}

describe("the search", () => {
  it("finds a clean bug in log2 steps, wherever it is", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 80 }), fc.nat(), (releases, pick) => {
        const firstBad = 1 + (pick % (releases - 1));
        const world = { releases, firstBad, failureRate: 1, falseAlarmRate: 0, random: () => 0.5 };
        const { end, trials } = bisect(world, "none");
        expect(end).toMatchObject({ kind: "found", index: firstBad });
        expect(trials).toBeLessThanOrEqual(Math.ceil(Math.log2(releases - 1)));
      }),
      { numRuns: 60 },
    );
  });

  it("keeps releases that can't be tested as candidates", () => {
    const minutes = (index: number): number => (index === 2 || index === 3 ? Infinity : 1);
    const plan = { releases: 6, flakiness: "none" as const, minutes };
    const state = nextInSearch(plan, [plainObservation(1, false), plainObservation(4, true)]);
    expect(state).toMatchObject({ kind: "narrowed", candidates: [2, 3, 4] });
  });

  it("is right when a bad release passes half of the time", () => {
    const { right, meanTrials } = simulate("one-sided", { failureRate: 0.5, falseAlarmRate: 0 }, 53);
    expect(right).toBeGreaterThanOrEqual(0.9);
    expect(meanTrials).toBeLessThanOrEqual(32);
  });

  it("is right when good releases fail too", () => {
    const { right } = simulate("two-sided", { failureRate: 0.9, falseAlarmRate: 0.1 }, 53);
    expect(right).toBeGreaterThanOrEqual(0.9);
  });
});
