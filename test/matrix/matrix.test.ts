// The pure table: what cells have in common, and that nothing of it is counted twice or lost.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countCells, groupFailures, type MatrixCell } from "../../src/matrix/matrix.js";
import { renderMatrixText } from "../../src/report/render-matrix.js";

const errors = ["'a' undeclared", "'b' undeclared", "too few arguments to function 'c'"];

const cell = fc.record({
  release: fc.constantFrom("1.0", "1.1", "1.2"),
  kernel: fc.constantFrom("5.10", "6.1"),
  build: fc.oneof(
    fc.constant({ kind: "not-built" as const }),
    fc.record({ kind: fc.constant("built" as const), fixups: fc.subarray(["x", "y"]), elapsedMs: fc.nat() }),
    fc.record({
      kind: fc.constant("failed" as const),
      fixups: fc.constant<string[]>([]),
      firstError: fc.constantFrom(...errors),
      errors: fc.tuple(
        fc.record({ file: fc.constant("a.c"), line: fc.nat(), message: fc.constantFrom(...errors) }),
      ),
      elapsedMs: fc.nat(),
    }),
  ),
  withoutFixups: fc.constantFrom(undefined, "built" as const, "failed" as const),
});
const cells = fc.uniqueArray(cell, { selector: ({ release, kernel }) => `${release} ${kernel}` });

describe("a table", () => {
  it("counts every cell once", () => {
    fc.assert(
      fc.property(cells, (all: MatrixCell[]) => {
        const { built, failed, notBuilt, fixed, proved, wonByFixups } = countCells(all);
        expect(built + failed + notBuilt).toBe(all.length);
        expect(wonByFixups).toBeLessThanOrEqual(proved);
        expect(proved).toBeLessThanOrEqual(fixed);
        expect(fixed).toBeLessThanOrEqual(built);
      }),
    );
  });

  it("has every failing cell under exactly one error, whatever its line, the commonest first", () => {
    fc.assert(
      fc.property(cells, (all: MatrixCell[]) => {
        const groups = groupFailures(all);
        const grouped = groups.flatMap((group) => group.cells);
        expect(grouped.length).toBe(all.filter(({ build }) => build.kind === "failed").length);
        expect(new Set(grouped.map((each) => JSON.stringify(each))).size).toBe(grouped.length);
        expect(groups.map(({ error }) => error).every((error) => !/a\.c:\d/.test(error))).toBe(true);
        const sizes = groups.map((group) => group.cells.length);
        expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
      }),
    );
  });

  it("has one error where the compiler guesses on one kernel only what was meant", () => {
    const failed = (kernel: string, guess: string): MatrixCell => {
      const message = `implicit declaration of function 'ACCESS_ONCE'${guess} [-Werror=implicit-function-declaration]`;
      const error = { file: "e1000_osdep.h", line: 94, message };
      const build = {
        kind: "failed" as const,
        fixups: [],
        firstError: message,
        errors: [error],
        elapsedMs: 1,
      };
      return { release: "5.3.5.3", kernel, build, withoutFixups: undefined };
    };
    const groups = groupFailures([failed("5.10", ""), failed("6.1", "; did you mean 'ACPI_ONCE'?")]);
    expect(groups.map(({ error }) => error)).toEqual([
      "e1000_osdep.h: implicit declaration of function 'ACCESS_ONCE' [-Werror=implicit-function-declaration]",
    ]);
  });

  it("says of a cell that was not tested that it was not", () => {
    const text = renderMatrixText({
      driver: "igb",
      kernels: ["6.1"],
      releases: ["in-tree", "5.3.5"],
      cells: [{ release: "5.3.5", kernel: "6.1", build: { kind: "not-built" }, withoutFixups: undefined }],
      failures: [],
      settings: ["ntuple=on", "ntuple=off"],
      trials: [
        {
          release: "5.3.5",
          kernel: "6.1",
          settings: "ntuple=on",
          state: {
            kind: "tested",
            verdict: { kind: "bad", cause: "crash", detail: "BUG: Bad rss-counter state" },
            evidence: "trials/1",
            refused: ["eth0: feature ntuple on: not supported"],
          },
        },
        {
          release: "in-tree",
          kernel: "6.1",
          settings: "ntuple=on",
          state: { kind: "not-tested", why: "the peer did not answer" },
        },
      ],
    });
    expect(text.split("\n")).toEqual([
      "igb: 1 release and in-tree on 1 kernel",
      "",
      "== Trials",
      "",
      "release  6.1 ntuple=on                  6.1 ntuple=off",
      "in-tree  not tested                     not tested",
      "5.3.5    bad (crash), settings refused  not tested",
      "",
      "2 cells: 0 good, 1 bad, 0 can't be tested, 1 not tested.",
      "",
      "- 5.3.5 6.1 ntuple=on: bad, BUG: Bad rss-counter state; could not be set: eth0: feature ntuple on: not supported",
      "  (trials/1)",
      "- in-tree 6.1 ntuple=on: not tested, the peer did not answer",
      "",
      "== Builds",
      "",
      "release  6.1",
      "in-tree  not built",
      "5.3.5    not built",
      "",
      "1 cell: 0 build, 0 do not, 1 not built.",
      "",
    ]);
  });
});
