import { expect, test } from "vitest";
import { compareTrees } from "../../src/changes/compare-trees.js";
import { buildCallGraph } from "../../src/suspects/call-graph.js";
import { findSuspects } from "../../src/suspects/rank-suspects.js";

const tree = (name: string, text: string) => ({ name, files: new Map([["src/nic.c", text]]) });
const fn = (name: string, ...lines: string[]): string =>
  `void ${name}(struct nic *nic)\n{\n${lines.map((line) => `\t${line}\n`).join("")}}\n`;

/** What `fix` says of each suspect, from a good, a bad and a fixed release. */
function fixReasons(good: string, bad: string, fixed: string): Map<string, { points: number; text: string }> {
  const { suspects } = findSuspects({
    changes: compareTrees(tree("1", good), tree("2", bad)),
    graph: buildCallGraph([]),
    traces: [],
    fix: compareTrees(tree("2", bad), tree("3", fixed)),
  });
  return new Map(
    suspects.map(({ name, reasons }) => {
      const { points, text } = reasons.find(({ signal }) => signal === "fix")!;
      return [name, { points, text }];
    }),
  );
}

const body = ["start(nic);", "first(nic);", "second(nic);", "third(nic);", "stop(nic);"];
const put = (at: number, line: string): string[] => body.with(at, line);

test("a fix of the lines that the bad release brought says more than one beside them, and that more than one apart", () => {
  const names = ["nic_on", "nic_beside", "nic_apart", "nic_left"];
  const all = (edit: (name: string) => string[]): string =>
    names.map((name) => fn(name, ...edit(name))).join("");
  const changed = put(1, "first(nic, 1);");
  const repairs: Record<string, string[]> = {
    nic_on: changed.with(1, "first(nic, 2);"),
    nic_beside: changed.with(2, "second(nic, 2);"),
    nic_apart: changed.with(4, "stop(nic, 2);"),
    nic_left: changed,
  };
  const reasons = fixReasons(
    all(() => body),
    all(() => changed),
    all((name) => repairs[name]!),
  );
  const points = names.map((name) => reasons.get(name)!.points);
  expect(points).toEqual([...points].sort((a, b) => b - a));
  expect(new Set(points).size).toBe(4);
  expect(names.map((name) => reasons.get(name)!.text)).toEqual([
    "the fixed release changes 2 lines of it, among those that this change brought",
    "the fixed release changes 2 lines of it, right beside this change",
    "the fixed release changes 2 lines of it",
    "the fixed release leaves it as it is",
  ]);
});

test("what the fixed release brings to many functions alike is no repair, whatever a crash's repair brings is more of one", () => {
  const many = Array.from({ length: 6 }, (_, at) => `nic_many${at}`);
  const names = [...many, "nic_guard"];
  const all = (line: (name: string) => string): string =>
    names.map((name) => fn(name, ...put(2, line(name)))).join("");
  const reasons = fixReasons(
    all(() => "second(nic);"),
    all((name) => `second_${name}(nic);`),
    all((name) =>
      name === "nic_guard"
        ? "if (!nic->ring)\n\t\treturn;"
        : `second_${name}(nic);\n\tnic->epoch = nic->now;`,
    ),
  );
  expect(reasons.get("nic_many0")!.text).toBe(
    "the fixed release changes 1 line of it, right beside this change, as it does with epoch in 6 functions",
  );
  expect(reasons.get("nic_guard")!.text).toBe(
    "the fixed release changes 3 lines of it, among those that this change brought, which brings a way out",
  );
  expect(reasons.get("nic_guard")!.points).toBeGreaterThan(reasons.get("nic_many0")!.points + 2);
});

test("a function that is back to what it was, and one that the fixed release does not have any more, are told so", () => {
  const kept = fn("nic_kept", ...body);
  const reasons = fixReasons(
    kept + fn("nic_back", ...body),
    fn("nic_kept", ...put(0, "begin(nic);")) +
      fn("nic_back", ...put(3, "other(nic);")) +
      fn("nic_gone", "x(nic);"),
    fn("nic_kept", ...put(0, "begin(nic);")) + fn("nic_back", ...body),
  );
  expect(reasons.get("nic_back")!.text).toBe("the fixed release changes 2 lines of it, back to what it was");
  expect(reasons.get("nic_gone")!.text).toBe("the fixed release does not have it any more");
  expect(reasons.get("nic_gone")!.points).toBeLessThan(reasons.get("nic_back")!.points);
});

test("of two variants under #if, the fix of one is no fix of the other", () => {
  const variants = (first: string[], second: string[]): string =>
    `#ifdef HAVE_RING\n${fn("nic_fill", ...first)}#else\n${fn("nic_fill", ...second)}#endif\n`;
  const [ring, plain] = [put(1, "ring(nic);"), put(1, "plain(nic);")];
  const [badRing, badPlain] = [put(1, "ring(nic, 1);"), put(1, "plain(nic, 1);")];
  const { suspects } = findSuspects({
    changes: compareTrees(tree("1", variants(ring, plain)), tree("2", variants(badRing, badPlain))),
    graph: buildCallGraph([]),
    traces: [],
    fix: compareTrees(
      tree("2", variants(badRing, badPlain)),
      tree("3", variants(put(1, "ring(nic, 2);"), badPlain)),
    ),
  });
  const texts = suspects.map(({ lines, reasons }) => [
    lines.includes("ring") ? "ring" : "plain",
    reasons.find(({ signal }) => signal === "fix")?.text,
  ]);
  expect(new Map(texts as [string, string][])).toEqual(
    new Map([
      ["ring", "the fixed release changes 2 lines of it, among those that this change brought"],
      ["plain", "the fixed release leaves it as it is"],
    ]),
  );
});
