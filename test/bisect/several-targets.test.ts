// Several targets at once: what is proposed to them, and that the log which their verdicts make leads to the right answer.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { equalCuts } from "../../src/bisect/cuts.js";
import { chooseNext, firstBadProbabilities } from "../../src/bisect/posterior.js";
import { beliefAfter, testsAtOnce } from "../../src/bisect/search.js";
import { assess, type BisectFacts, type SeenTrial, type Situation } from "../../src/bisect/situation.js";
import { isIdle, testsDue } from "../../src/bisect/tests-due.js";
import { seeded } from "../evidence/simulated-floors.js";

const plan = { flaky: undefined, confidence: 0.95, failures: 1 };
type Told = Pick<SeenTrial, "verdict" | "cause">;

interface Played {
  end: Situation;
  trials: SeenTrial[];
  /** In how many rounds. */
  rounds: number;
}

/** All targets begin and end together, round by round. */
function playRounds(
  given: Pick<BisectFacts, "releases"> & Partial<BisectFacts>,
  targets: number,
  verdict: (index: number) => Told,
): Played {
  const trials: SeenTrial[] = [];
  for (let rounds = 0; ; rounds++) {
    const facts = { plan, marks: [], same: [], ...given, trials };
    const end = assess(facts);
    const due = testsDue(facts, end, { pending: [], free: targets });
    if (due.length === 0 || rounds > 300) return { end, trials, rounds };
    expect(due.length).toBeLessThanOrEqual(targets);
    trials.push(...due.map((index) => ({ index, minutes: 1, ...verdict(index) })));
  }
}

/** Trials end in any order; what is idle is called off. `pick` is 0 to 1. */
function playInAnyOrder(
  given: Pick<BisectFacts, "releases"> & Partial<BisectFacts>,
  targets: number,
  { verdict, pick }: { verdict: (index: number) => Told; pick: () => number },
): { end: Situation; trials: SeenTrial[] } {
  const trials: SeenTrial[] = [];
  let pending: number[] = [];
  for (;;) {
    const facts = { plan, marks: [], same: [], ...given, trials };
    const end = assess(facts);
    pending = pending.filter((index) => !isIdle(end, index));
    pending.push(...testsDue(facts, end, { pending, free: targets - pending.length }));
    if (pending.length === 0 || trials.length > 300) return { end, trials };
    const [index] = pending.splice(Math.floor(pick() * pending.length), 1);
    trials.push({ index: index!, minutes: 1, ...verdict(index!) });
  }
}

describe("a clean bug on several targets", () => {
  it("is found in log(k + 1) rounds after the ends, wherever it is", () => {
    const worlds = fc.record({
      targets: fc.integer({ min: 1, max: 5 }),
      releases: fc.integer({ min: 2, max: 90 }),
      at: fc.nat(),
    });
    fc.assert(
      fc.property(worlds, ({ targets, releases, at }) => {
        const firstBad = 1 + (at % (releases - 1));
        const marks = [
          { index: 0, as: "good" as const },
          { index: releases - 1, as: "bad" as const },
        ];
        const { end, rounds } = playRounds({ releases, marks }, targets, (index) => ({
          verdict: index >= firstBad ? "bad" : "good",
        }));
        expect(end.next).toMatchObject({ kind: "found", index: firstBad });
        let most = 0;
        for (let left = releases - 1; left > 1; left = Math.ceil(left / (targets + 1))) most++;
        expect(rounds).toBeLessThanOrEqual(most);
      }),
      { numRuns: 200 },
    );
  });

  it("is found whichever trial ends first, and whatever can't be built; nothing is tested twice", () => {
    const worlds = fc.record({
      targets: fc.integer({ min: 2, max: 4 }),
      releases: fc.integer({ min: 3, max: 60 }),
      at: fc.nat(),
      broken: fc.array(fc.nat(), { maxLength: 12 }),
      seed: fc.integer({ min: 1, max: 1e6 }),
    });
    fc.assert(
      fc.property(worlds, ({ targets, releases, at, broken, seed }) => {
        const firstBad = 1 + (at % (releases - 1));
        const unbuildable = new Set(broken.map((one) => 1 + (one % (releases - 2)))); // the ends build
        const { end, trials } = playInAnyOrder({ releases }, targets, {
          pick: seeded(seed),
          verdict: (index) =>
            unbuildable.has(index)
              ? { verdict: "skip", cause: "build-failed" }
              : { verdict: index >= firstBad ? "bad" : "good" },
        });
        expect(new Set(trials.map(({ index }) => index)).size).toBe(trials.length);
        const { next } = end;
        const isBetween = unbuildable.has(firstBad) || unbuildable.has(firstBad - 1);
        if (next.kind === "narrowed" && isBetween) expect(next.candidates).toContain(firstBad);
        else expect(next).toMatchObject({ kind: "found", index: firstBad });
      }),
      { numRuns: 150 },
    );
  });

  it("is not looked for before the ends are known, which are tested on all at once", () => {
    const facts = { releases: 9, plan: { ...plan, failures: 3 }, marks: [], same: [], trials: [] };
    const due = (trials: SeenTrial[], pending: number[], free: number): number[] =>
      testsDue({ ...facts, trials }, assess({ ...facts, trials }), { pending, free });
    expect(due([], [], 4)).toEqual([8, 8, 8]);
    expect(due([], [8, 8], 2)).toEqual([8]);
    const failed = { index: 8, verdict: "bad" as const, minutes: 1 };
    expect(due([failed, failed], [8], 2)).toEqual([]);
    expect(due([failed, failed, failed], [], 2)).toEqual([0]);
    expect(due([failed, failed, failed, { index: 0, verdict: "good", minutes: 1 }], [], 2)).toEqual([3, 5]);
  });

  it("calls off what can't tell anything any more", () => {
    const trials = [
      { index: 8, verdict: "bad" as const, minutes: 1 },
      { index: 0, verdict: "good" as const, minutes: 1 },
      { index: 3, verdict: "bad" as const, minutes: 1 },
    ];
    const known = assess({ releases: 9, plan, marks: [], same: [], trials });
    expect([1, 2, 3, 5, 8].map((index) => isIdle(known, index))).toEqual([false, false, true, true, true]);
    // A pass that is a miss once in a thousand leaves next to nothing to learn below it.
    const soft = { index: 5, verdict: "good" as const, minutes: 1, missChance: 0.001 };
    const facts = { releases: 9, plan, marks: [], same: [], trials: [...trials.slice(0, 2), soft] };
    const almost = assess(facts);
    expect([2, 6, 7].map((index) => isIdle(almost, index))).toEqual([true, false, false]);
    expect(testsDue(facts, almost, { pending: [6, 7], free: 1 })).toEqual([]);
  });
});

describe("cuts", () => {
  it("part the candidates by their chances, beside the cuts that are being made", () => {
    const even = [0, ...Array.from({ length: 12 }, () => 1 / 12)];
    const canTest = (): boolean => true;
    expect(equalCuts(even, { pending: [], count: 2, canTest })).toEqual([4, 8]);
    expect(equalCuts(even, { pending: [4], count: 1, canTest })).toEqual([8]);
    expect(equalCuts(even, { pending: [4, 8], count: 3, canTest })).toEqual([2, 6, 10]);
    expect(equalCuts(even, { pending: [], count: 2, canTest: (index) => index !== 4 })).toEqual([3, 8]);
    expect(equalCuts([0, 0.5, 0, 0.5], { pending: [], count: 3, canTest })).toEqual([1]);
  });
});

describe("a bug that does not always show, on several targets", () => {
  it("is looked for where a trial tells most given whatever the others say", () => {
    const search = { releases: 40, flakiness: "one-sided" as const };
    const belief = beliefAfter(search, []);
    const [first, second, third] = testsAtOnce(search, belief, { pending: [], count: 3 });
    expect(first).toBe(chooseNext(belief, () => 1));
    expect(new Set([first, second, third]).size).toBe(3);
    // With the same expectation in any order of asking.
    expect(testsAtOnce(search, belief, { pending: [first!], count: 1 })).toEqual([second]);
    expect(testsAtOnce(search, belief, { pending: [first!, second!], count: 1 })).toEqual([third]);
    expect(firstBadProbabilities(belief)[0]).toBe(0);
  });

  it("is found as surely as by one, in fewer rounds", () => {
    const flaky = { flaky: "one-sided" as const, confidence: 0.95, failures: 3 };
    const told = [1, 2, 3].map((targets) => {
      const random = seeded(11);
      const runs = Array.from({ length: 46 }, (_, round) => {
        const firstBad = 1 + (round % 23);
        const { end, rounds } = playRounds({ releases: 24, plan: flaky }, targets, (index) => ({
          verdict: index >= firstBad && random() < 0.5 ? "bad" : "good",
        }));
        return { right: end.next.kind === "found" && end.next.index === firstBad, rounds };
      });
      return {
        right: runs.filter(({ right }) => right).length / runs.length,
        rounds: runs.reduce((sum, { rounds }) => sum + rounds, 0) / runs.length,
      };
    });
    const [one, two, three] = told as [(typeof told)[0], (typeof told)[0], (typeof told)[0]];
    expect(Math.min(one.right, two.right, three.right)).toBeGreaterThanOrEqual(0.9);
    expect(two.rounds).toBeLessThan(0.7 * one.rounds);
    expect(three.rounds).toBeLessThan(0.5 * one.rounds);
  });
});
