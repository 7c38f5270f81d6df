// The search with all that real bisects bring along: what can't be tested, a person's marks, equal code, ends.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chanceApart, nextOfEnds, passesNeeded } from "../../src/bisect/endpoints.js";
import { marksDue } from "../../src/bisect/marks-due.js";
import { assess, type BisectFacts, type SeenTrial, type Situation } from "../../src/bisect/situation.js";
import { seeded } from "../evidence/simulated-floors.js";

const plan = { flaky: undefined, confidence: 0.95, failures: 1 };

/** Plays a bisect out; `verdict` is what a release's trial says. */
function play(
  given: Pick<BisectFacts, "releases"> & Partial<BisectFacts>,
  verdict: (index: number) => Pick<SeenTrial, "verdict" | "cause" | "missChance">,
): { end: Situation; trials: SeenTrial[] } {
  const trials: SeenTrial[] = [];
  for (;;) {
    const end = assess({ plan, marks: [], same: [], ...given, trials });
    if (end.next.kind !== "test" || trials.length > 300) return { end, trials };
    trials.push({ index: end.next.index, minutes: 1, ...verdict(end.next.index) });
  }
}

describe("a clean bug", () => {
  it("is among the answers whatever can't be built, and alone where its neighbour can be tested", () => {
    const worlds = fc.record({
      releases: fc.integer({ min: 3, max: 60 }),
      pick: fc.nat(),
      broken: fc.array(fc.nat(), { maxLength: 20 }),
    });
    fc.assert(
      fc.property(worlds, ({ releases, pick, broken }) => {
        const firstBad = 1 + (pick % (releases - 1));
        const unbuildable = new Set(
          broken.map((at) => 1 + (at % (releases - 2 || 1))).filter((at) => at < releases - 1),
        );
        const { end, trials } = play({ releases }, (index) =>
          unbuildable.has(index)
            ? { verdict: "skip", cause: "build-failed" }
            : { verdict: index >= firstBad ? "bad" : "good" },
        );
        const seen = trials.map(({ index }) => index);
        expect(new Set(seen).size).toBe(seen.length);
        const { next } = end;
        if (!unbuildable.has(firstBad) && !unbuildable.has(firstBad - 1))
          expect(next).toMatchObject({ kind: "found", index: firstBad });
        else if (next.kind === "narrowed") expect(next.candidates).toContain(firstBad);
        else expect(next).toMatchObject({ kind: "found", index: firstBad });
      }),
      { numRuns: 150 },
    );
  });

  it("is never looked for between releases of equal code", () => {
    const same = [1, 2, 3, 5, 6].map((at) => [at, at + 1] as const);
    const { end, trials } = play({ releases: 9, same }, (index) => ({
      verdict: index >= 5 ? "bad" : "good",
    }));
    expect(end.next).toMatchObject({ kind: "found", index: 5 });
    // Candidates are 1, 5 and 8 alone.
    expect(trials.length).toBeLessThanOrEqual(2 + 2);
  });
});

describe("a person's mark", () => {
  it("holds against trials, in every kind of bisect", () => {
    const worlds = fc.record({
      mark: fc.integer({ min: 1, max: 18 }),
      as: fc.constantFrom("good" as const, "bad" as const),
      flaky: fc.constantFrom(undefined, "none" as const, "one-sided" as const, "two-sided" as const),
      firstBad: fc.integer({ min: 1, max: 19 }),
    });
    fc.assert(
      fc.property(worlds, ({ mark, as, flaky, firstBad }) => {
        const marks = [{ index: mark, as }];
        const rules = { flaky, confidence: 0.95, failures: 3 };
        const { end } = play({ releases: 20, plan: rules, marks }, (index) => ({
          verdict: index >= firstBad ? "bad" : "good",
        }));
        for (const [index, chance] of end.probabilities.entries())
          if (as === "good" ? index <= mark : index > mark) expect(chance).toBe(0);
        const isTrue = as === "good" ? firstBad > mark : firstBad <= mark;
        if (isTrue) expect(end.next).toMatchObject({ kind: "found", index: firstBad });
      }),
      { numRuns: 60 },
    );
  });

  it("that can't be true with another is told", () => {
    const marks = [
      { index: 5, as: "good" as const },
      { index: 3, as: "bad" as const },
    ];
    const { next } = assess({ releases: 9, plan: { ...plan, failures: 0 }, marks, same: [], trials: [] });
    expect(next).toEqual({ kind: "stuck", problem: "contradiction" });
  });

  it("on both ends saves their trials", () => {
    const marks = [
      { index: 0, as: "good" as const },
      { index: 8, as: "bad" as const },
    ];
    const { next } = assess({ releases: 9, plan, marks, same: [], trials: [] });
    expect(next).toEqual({ kind: "test", index: 4, why: "search" });
  });
});

describe("a pass that stands for little work", () => {
  const rules = { flaky: undefined, confidence: 0.95, failures: 3 };

  it("weighs as little as its chance of a miss says", () => {
    const worlds = 150;
    const rightOf = (isTold: boolean): number => {
      const random = seeded(8);
      let right = 0;
      for (let world = 0; world < worlds; world++) {
        const firstBad = 1 + Math.floor(19 * random());
        const { end } = play({ releases: 20, plan: rules }, (index) => {
          const missChance = [0.01, 0.2, 0.6][Math.floor(3 * random())]!;
          if (index === 19 || (index >= firstBad && random() > missChance)) return { verdict: "bad" };
          if (!isTold) return { verdict: "good" };
          return { verdict: missChance > 0.05 ? "skip" : "good", cause: "exposure-short", missChance };
        });
        if (end.next.kind === "found" && end.next.index === firstBad) right++;
      }
      return right / worlds;
    };
    expect(rightOf(false)).toBeLessThan(0.7);
    expect(rightOf(true)).toBeGreaterThan(0.94);
  });

  it("is told to git with the answer only", () => {
    const due = (missChance: number): unknown => {
      const bad = { index: 8, verdict: "bad" as const, minutes: 1 };
      const verdict = missChance > 0.05 ? ("skip" as const) : ("good" as const);
      const passes = [0, 4].map((index) => ({ index, verdict, minutes: 1, missChance }));
      const facts = { releases: 9, plan: rules, marks: [], same: [], trials: [bad, bad, bad, ...passes] };
      return marksDue({ facts, marks: [], situation: assess(facts) });
    };
    expect(due(0.01)).toEqual([{ index: 4, as: "good" }]);
    expect(due(0.82)).toEqual([]);
  });
});

describe("the ends", () => {
  const rules = { failures: 3, flaky: undefined, vouched: new Set<never>() };
  const none = { failures: 0, passes: 0 };

  it("are tested: the bad one first, at most twelve times, the good one until it would have failed", () => {
    expect(nextOfEnds({ good: none, bad: { failures: 2, passes: 5 } }, rules)).toEqual({
      kind: "test",
      end: "bad",
    });
    expect(nextOfEnds({ good: none, bad: { failures: 0, passes: 12 } }, rules)).toMatchObject({
      kind: "stuck",
    });
    const half = { failures: 3, passes: 3 };
    expect(passesNeeded(half, "one-sided")).toBe(4); // 0.5^4 is the first below 10 %
    expect(nextOfEnds({ good: { failures: 0, passes: 3 }, bad: half }, rules)).toEqual({
      kind: "test",
      end: "good",
    });
    expect(nextOfEnds({ good: { failures: 0, passes: 4 }, bad: half }, rules)).toEqual({ kind: "ready" });
    // A pass after little work says less than the bad end's rate.
    const short = { failures: 0, passes: 4, missChances: [0.9, 0.8, 0.5, 0.5] };
    expect(nextOfEnds({ good: short, bad: half }, rules)).toEqual({ kind: "test", end: "good" });
    const always = { failures: 3, passes: 0 };
    const once = (miss: number) => ({ failures: 0, passes: 1, missChances: [miss] });
    expect(nextOfEnds({ good: once(0.04), bad: always }, rules)).toEqual({ kind: "ready" });
    expect(nextOfEnds({ good: once(0.4), bad: always }, rules)).toEqual({ kind: "test", end: "good" });
  });

  it("can be told apart or not", () => {
    expect(
      chanceApart({ good: { failures: 0, passes: 3 }, bad: { failures: 3, passes: 0 } }),
    ).toBeGreaterThan(0.95);
    expect(chanceApart({ good: { failures: 3, passes: 0 }, bad: { failures: 3, passes: 0 } })).toBeLessThan(
      0.5,
    );
  });

  it("that fail in another way each time are given up", () => {
    const { end, trials } = play({ releases: 5 }, () => ({ verdict: "skip", cause: "other-failure" }));
    expect(end.next).toEqual({ kind: "stuck", problem: "bad-end-untestable" });
    expect(trials).toHaveLength(2);
  });
});

it("prefers short trials when it can learn as much from them", () => {
  // A failing trial takes a minute, a passing one a hundred: the search leans to the bad side.
  const trials = [
    { index: 100, verdict: "bad" as const, minutes: 1 },
    { index: 0, verdict: "good" as const, minutes: 100 },
  ];
  const flaky = { flaky: "one-sided" as const, confidence: 0.95, failures: 1 };
  const costly = assess({ releases: 101, plan: flaky, marks: [{ index: 0, as: "good" }], same: [], trials });
  const equal = assess({
    releases: 101,
    plan: flaky,
    marks: [{ index: 0, as: "good" }],
    same: [],
    trials: trials.map((trial) => ({ ...trial, minutes: 1 })),
  });
  const indexOf = ({ next }: Situation): number => (next.kind === "test" ? next.index : -1);
  expect(indexOf(costly)).toBeGreaterThan(indexOf(equal));
});

describe("what the suspects say before any trial", () => {
  const flaky = { flaky: "one-sided" as const, confidence: 0.95, failures: 3 };
  const marks = [
    { index: 0, as: "good" as const },
    { index: 40, as: "bad" as const },
  ];
  const world = { releases: 41, marks };
  const suspecting = (...suspects: number[]): number[] =>
    Array.from({ length: 41 }, (_, index) => (suspects.includes(index) ? 5 : 1));

  it("weighs as told where a verdict may be wrong, and nothing where none may", () => {
    const given = { ...world, plan: flaky, same: [], trials: [], prior: suspecting(7) };
    const { probabilities } = assess(given);
    expect(probabilities[7]! / probabilities[8]!).toBeCloseTo(5);
    const clean = { ...given, plan: { ...flaky, flaky: "none" as const } };
    expect(assess(clean).probabilities).toEqual(assess({ ...clean, prior: suspecting() }).probabilities);
  });

  it("shortens the search where it is right, and leads to the right release where it is wrong", () => {
    const played = (suspectsOf: (firstBad: number) => number[]): { right: number; trials: number } => {
      const random = seeded(5);
      const runs = Array.from({ length: 80 }, (_, round) => {
        const firstBad = 1 + (round % 40);
        const { end, trials } = play(
          { ...world, plan: flaky, prior: suspecting(...suspectsOf(firstBad)) },
          (index) => ({
            verdict: index >= firstBad && random() < 0.6 ? "bad" : "good",
          }),
        );
        const isRight = end.next.kind === "found" && end.next.index === firstBad;
        return { isRight, trials: trials.length };
      });
      return {
        right: runs.filter(({ isRight }) => isRight).length / runs.length,
        trials: runs.reduce((sum, { trials }) => sum + trials, 0) / runs.length,
      };
    };
    const without = played(() => []);
    const right = played((firstBad) => [firstBad, 1 + ((firstBad + 11) % 40)]);
    const wrong = played((firstBad) => [1 + ((firstBad + 11) % 40), 1 + ((firstBad + 25) % 40)]);
    expect(right.trials).toBeLessThan(without.trials);
    expect(Math.min(right.right, wrong.right, without.right)).toBeGreaterThanOrEqual(0.9);
    expect(wrong.trials).toBeLessThan(without.trials * 1.25);
  });
});
