import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { diffLines } from "../../src/changes/line-diff.js";

const folder = mkdtempSync(join(tmpdir(), "line-diff-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Lines that diff itself prints as removed and added. */
function countsOfDiff(before: string, after: string): [number, number] {
  const [a, b] = [join(folder, "a"), join(folder, "b")];
  writeFileSync(a, before);
  writeFileSync(b, after);
  const out = spawnSync("diff", ["-a", a, b], { encoding: "utf8" }).stdout;
  return [out.match(/^</gm)?.length ?? 0, out.match(/^>/gm)?.length ?? 0];
}

const line = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("}", "\t}", "", "\treturn 0;", "{") },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 40 }).map((n) => `\tcall(${n});`) },
);
const text = fc.array(line, { maxLength: 120 }).map((lines) => lines.join("\n"));

describe("diffLines", () => {
  it("counts what diff counts, also where diff sets frequent lines aside", () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const { added, removed } = diffLines(before, after);
        expect([removed, added]).toEqual(countsOfDiff(before, after));
      }),
      { numRuns: 60 },
    );
  });

  it("tells a last line without its end from one with it", () => {
    const { added, removed, hunks } = diffLines("a\nb", "a\nb\n");
    expect({ added, removed, hunks }).toEqual({
      added: 1,
      removed: 1,
      hunks: [{ oldStart: 1, oldEnd: 2, newStart: 1, newEnd: 2 }],
    });
  });

  it("gives hunks that turn one text into the other", () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const [olds, news] = [before.split("\n"), after.split("\n")];
        const { hunks } = diffLines(`${before}\n`, `${after}\n`);
        const made = [...olds];
        for (const { oldStart, oldEnd, newStart, newEnd } of hunks.toReversed())
          made.splice(oldStart, oldEnd - oldStart, ...news.slice(newStart, newEnd));
        expect(made).toEqual(news);
      }),
    );
  });
});
