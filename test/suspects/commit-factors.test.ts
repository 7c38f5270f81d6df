import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commitFactors, mostFactor } from "../../src/suspects/commit-factors.js";

const names = ["a", "b", "c", "d"];
const suspect = fc.record({
  name: fc.constantFrom(...names),
  file: fc.constant("x.c"),
  score: fc.double({ min: -20, max: 20, noNaN: true }),
});

describe("a commit's factor", () => {
  it("is five for the first suspect, half as much a point below, one for all others", () => {
    const suspects = [
      { name: "a", file: "x.c", score: 7 },
      { name: "b", file: "x.c", score: 6 },
      { name: "c", file: "x.c", score: 1 },
    ];
    const of = (...changed: string[]): { name: string; file: string }[] =>
      changed.map((name) => ({ name, file: "x.c" }));
    expect(commitFactors(suspects, [of("a"), of("c", "b"), of("c"), of("other"), []])).toEqual([
      5, 2.5, 1, 1, 1,
    ]);
    expect(commitFactors(suspects, [[{ name: "a", file: "y.c" }]])).toEqual([1]);
  });

  it("never is more than five times another's, whatever the scores", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(suspect, { selector: ({ name }) => name, minLength: 1 }),
        fc.array(fc.subarray(names)),
        (suspects, commits) => {
          const changed = commits.map((its) => its.map((name) => ({ name, file: "x.c" })));
          for (const factor of commitFactors(suspects, changed)) {
            expect(factor).toBeGreaterThanOrEqual(1);
            expect(factor).toBeLessThanOrEqual(mostFactor);
          }
        },
      ),
    );
  });
});
