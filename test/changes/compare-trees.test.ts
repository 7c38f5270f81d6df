import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ChangeSet } from "../../src/changes/change-set.js";
import { compareTrees } from "../../src/changes/compare-trees.js";
import type { TopicRules } from "../../src/changes/topics.js";

type Files = Record<string, string>;

function compare(before: Files, after: Files, topics: TopicRules = {}): ChangeSet {
  return compareTrees(
    { name: "1.0", files: new Map(Object.entries(before)) },
    { name: "1.1", files: new Map(Object.entries(after)) },
    topics,
  );
}

function lines(before: string, after: string): string[] {
  return compare({ "src/a.c": before }, { "src/a.c": after }).units.map(
    ({ kind, name, status, classes }) => `${kind} ${name} ${[status, ...classes].join(" ")}`,
  );
}

const long =
  "\tint i;\n\n\tfor (i = 0; i < count(ring); i++)\n\t\tring->next[i] = fetch(ring, i) + 1;\n\treturn ring->count;\n";

describe("compareTrees", () => {
  it.each([
    ["nothing", "int f(void)\n{\n}\n", "int f(void)\n{\n}\n", []],
    [
      "a body",
      "int f(void)\n{\n\treturn 0;\n}\n",
      "int f(void)\n{\n\treturn 1;\n}\n",
      ["function f changed body"],
    ],
    ["a signature", "int f(void)\n{\n}\n", "int f(int a)\n{\n}\n", ["function f changed signature"]],
    [
      "a comment",
      "int f(void)\n{\n\t/* a */\n}\n",
      "int f(void)\n{\n\t/* b */\n}\n",
      ["function f changed comment-only"],
    ],
    [
      "blanks",
      "int f(void)\n{\n\tx(1);\n}\n",
      "int f(void)\n{\n\tx( 1 );\n}\n",
      ["function f changed whitespace-only"],
    ],
    [
      "a define",
      "#define A 1\n",
      "#define A 2\n#define B 3\n",
      ["macro A changed definition", "macro B added"],
    ],
    [
      "a condition",
      "int f(void)\n{\n}\n",
      "#ifdef A\nint f(void)\n{\n}\n#endif\n",
      ["function f changed condition", "other (outside units) changed definition"],
    ],
    [
      "text between",
      "#undef A\nint a;\n",
      "#undef B\nint a;\n",
      ["other (outside units) changed definition"],
    ],
    [
      "a rename",
      `static int add_filter_udpv4(struct ring *ring)\n{\n${long}}\n`,
      `static int add_filter_udp(struct ring *ring)\n{\n${long.replace("1", "2")}}\n`,
      ["function add_filter_udp renamed signature body"],
    ],
    [
      "boilerplate that is no rename",
      `int a_mac_anti_spoof_show(struct ring *ring)\n{\n${long}}\n`,
      `int a_allow_bcast_show(struct ring *ring)\n{\n${long.replace("fetch", "get").replace("count(", "sum(")}}\n`,
      ["function a_allow_bcast_show added", "function a_mac_anti_spoof_show removed"],
    ],
  ])("sees %s", (_, before, after, expected) => {
    expect(lines(before, after).sort()).toEqual([...expected].sort());
  });

  it("pairs variants by their condition", () => {
    const text = (a: number, b: number): string =>
      `#ifdef A\nint f(void)\n{\n\treturn ${a};\n}\n#else\nint f(void)\n{\n\treturn ${b};\n}\n#endif\n`;
    const { units } = compare({ "a.c": text(1, 2) }, { "a.c": text(1, 3) });
    expect(units.map(({ name, condition, classes }) => ({ name, condition, classes }))).toEqual([
      { name: "f", condition: "!defined(A)", classes: ["body"] },
    ]);
  });

  it("sees a function that went to another file as moved", () => {
    const { units } = compare(
      { "a.c": "int f(void)\n{\n}\n", "b.c": "" },
      { "a.c": "", "b.c": "int f(void)\n{\n\treturn 1;\n}\n" },
    );
    expect(units).toMatchObject([
      { name: "f", status: "moved", file: "b.c", oldFile: "a.c", classes: ["body"] },
    ]);
  });

  it("tells a folder that moved as moved files, not as moved functions", () => {
    const text = "int f(void)\n{\n}\n";
    const { files, units } = compare({ "src/drv/a.c": text }, { "src/a.c": text });
    expect(units).toEqual([]);
    expect(files).toEqual([
      { file: "src/a.c", oldFile: "src/drv/a.c", status: "moved", linesAdded: 0, linesRemoved: 0 },
    ]);
  });

  it("gives a helper the topic of the only functions that call it, through its own helpers", () => {
    const text = (value: number): string =>
      `static int low(void)\n{\n\treturn ${value};\n}\nstatic int helper(void)\n{\n\treturn low() + ${value};\n}\n` +
      "int fdir_add(void)\n{\n\treturn helper();\n}\n";
    const { units } = compare(
      { "a.c": text(1) },
      { "a.c": text(2) },
      { fdir: { functions: ["fdir_*"], files: [] } },
    );
    expect(units.map(({ name, topics, callers, callees }) => ({ name, topics, callers, callees }))).toEqual([
      { name: "low", topics: ["fdir"], callers: ["helper"], callees: [] },
      { name: "helper", topics: ["fdir"], callers: [], callees: ["low"] },
    ]);
  });

  it("counts a tree against itself as no change, and lines as diff does", () => {
    const text = fc.array(
      fc.constantFrom("int f(void)\n", "{\n", "}\n", "x;\n", "#if A\n", "#endif\n", "/* c */\n"),
    );
    fc.assert(
      fc.property(text, text, (a, b) => {
        const before = a.join("");
        const after = b.join("");
        expect(compare({ "a.c": before }, { "a.c": before }).units).toEqual([]);
        const { files } = compare({ "a.c": before }, { "a.c": after });
        const [file] = files;
        expect((file?.linesAdded ?? 0) - (file?.linesRemoved ?? 0)).toBe(b.length - a.length);
      }),
      { numRuns: 500 },
    );
  });
});
