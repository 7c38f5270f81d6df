import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cutUnits } from "../../src/split/c-unit.js";
import { describeCommits } from "../../src/split/describe-commit.js";
import { treesOf } from "../../src/split/mix-trees.js";
import { planSplit, type SplitLimits } from "../../src/split/plan-split.js";
import type { SourceTree } from "../../src/split/slot.js";

type Files = Record<string, string>;

function tree(files: Files): SourceTree {
  return new Map(
    Object.entries(files).map(([path, text]) => [
      path,
      { mode: "100644", content: Buffer.from(text, "latin1") },
    ]),
  );
}

function text(of: SourceTree): Files {
  return Object.fromEntries([...of].map(([path, { content }]) => [path, content.toString("latin1")]));
}

/** Which units each commit holds, in order. */
function split(before: Files, after: Files): string[] {
  const plan = planSplit(tree(before), tree(after));
  return describeCommits(plan).map(({ units }) =>
    units.map(({ unit, change }) => `${unit} ${change}`).join(", "),
  );
}

const fragments = fc.constantFrom(
  "int a;\n",
  "int f(int x)\n{\n\treturn x;\n}\n",
  "int f(int x, int y)\n{\n\treturn g(x);\n}\n",
  "static int g(int x) { return f(x); }\n",
  "#ifdef A\n",
  "#else\n",
  "#endif\n",
  "#define M(x) \\\n\tf(x)\n",
  "struct s {\n\tint a;\n\tint b;\n};\n",
  "struct s {\n\tint b;\n#ifdef A\n\tint c;\n#endif\n};\n",
  "enum e { A, B };\n",
  "/* open ",
  "*/",
  '"unterminated\n',
  "'",
  "{",
  "}",
  "(",
  ");\n",
  "\r\n",
  "\0\xff",
  "// line\n",
  "\\\n",
  ";",
  "#",
);
const latin1 = fc.array(fc.integer({ min: 0, max: 255 })).map((bytes) => String.fromCharCode(...bytes));
const hostile = fc.oneof(
  fc.array(fragments, { maxLength: 25 }).map((parts) => parts.join("")),
  latin1,
);
const files = fc.dictionary(fc.constantFrom("a.c", "b.h", "src/c.c", "README", "Makefile"), hostile);

describe("whatever the text", () => {
  test("units joined are the text", () => {
    const joined = (source: string): string =>
      cutUnits(source)
        .map((unit) => unit.text)
        .join("");
    fc.assert(
      fc.property(hostile, (source) => {
        expect(joined(source)).toBe(source);
      }),
    );
  });

  test("the last tree is the new one, byte for byte, and each commit changes something", () => {
    fc.assert(
      fc.property(files, files, (before, after) => {
        const plan = planSplit(tree(before), tree(after));
        let last = text(plan.oldTree);
        for (const next of treesOf(plan)) {
          expect(text(next)).not.toEqual(last);
          last = text(next);
        }
        expect(last).toEqual(text(tree(after)));
      }),
    );
  });

  test("the plan is the same for the same trees, and needs only earlier commits", () => {
    fc.assert(
      fc.property(files, files, (before, after) => {
        const plan = planSplit(tree(before), tree(after));
        expect(planSplit(tree(before), tree(after))).toEqual(plan);
        for (const [index, { needs }] of plan.commits.entries())
          for (const need of needs) expect(need).toBeLessThan(index);
      }),
    );
  });

  test("commits that need nothing of each other give the same tree in either order", () => {
    const values = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 2, maxLength: 6 });
    const file = (of: number[]): Files => ({
      "a.c": of.map((value, at) => `int f${at}(void)\n{\n\treturn ${value};\n}\n`).join(""),
    });
    fc.assert(
      fc.property(values, values, (before, after) => {
        const plan = planSplit(tree(file(before)), tree(file(after)));
        const reversed = { ...plan, commits: [...plan.commits].reverse() };
        expect(text([...treesOf(reversed)].at(-1) ?? plan.oldTree)).toEqual(file(after));
      }),
    );
  });
});

describe("the order", () => {
  const returning = (name: string, value: string): string => `int ${name}(void)\n{\n\treturn ${value};\n}\n`;

  test("a definition comes before its first user, and goes after its last", () => {
    const before = { "a.c": returning("user", "gone()"), "b.c": returning("gone", "1") };
    const after = { "a.c": returning("user", "fresh()"), "b.c": returning("fresh", "2") };
    expect(split(before, after)).toEqual(["fresh added", "user changed", "gone removed"]);
  });

  test("a changed signature ties definition, prototype and calls with other arguments, not new callers", () => {
    const file = (args: string, call: string, more: string): Files => ({
      "a.h": `int f(${args});\n`,
      "a.c": `int f(${args})\n{\n\treturn 0;\n}\n${returning("caller", call)}${more}`,
    });
    expect(
      split(file("int a", "f(1)", ""), file("int a, int b", "f(1, 2)", returning("fresh", "f(1, 2)"))),
    ).toEqual(["f changed, caller changed, f changed", "fresh added"]);
  });

  test("the directives of a conditional stay together, what comes inside a new one comes after them", () => {
    const body = returning("f", "0");
    expect(split({ "a.c": body }, { "a.c": `#ifdef X\n${body}#endif\nint other;\n` })).toEqual([
      "#ifdef added, #endif added",
      "other added",
    ]);
    expect(split({ "a.c": body }, { "a.c": `${body}#ifdef X\nint g;\n#endif\n` })).toEqual([
      "#ifdef added, #endif added",
      "g added",
    ]);
    expect(split({ "a.c": `${body}#ifdef X\nint g;\n#endif\n` }, { "a.c": body })).toEqual([
      "g removed",
      "#ifdef removed, #endif removed",
    ]);
    expect(split({ "a.c": `#ifdef X\n#endif\n` }, { "a.c": `#ifdef Y\nint g;\n#endif\n` })).toHaveLength(1);
  });

  test("what two cases do to one variable changes apart, unless one runs after the other", () => {
    const file = (call: string, end: string, loop: string): Files => ({
      "a.c": `void f(int a)\n{\n\tstruct s v;\n\n\t${loop}switch (a) {\n${["1", "2"]
        .map((at) => `\tcase ${at}:\n\t\t${call}(&v, ${at});\n${end}`)
        .join("")}\tdefault:\n\t\tg(0);\n\t}\n${loop === "" ? "" : "\t}\n"}\tg(&v);\n}\n`,
    });
    const commits = (end: string, loop = ""): number =>
      split(file("one", end, loop), file("other", end, loop)).length;
    expect(commits("\t\tbreak;\n")).toBe(2);
    expect(commits("")).toBe(1);
    expect(commits("\t\tif (a)\n\t\t\tbreak;\n")).toBe(1);
    expect(commits("\t\tbreak;\n", "for (;;) {\n\t")).toBe(1);
  });

  test("a module's way in and out changes at once", () => {
    const body = returning("f", "0") + returning("g", "0");
    const before = { "a.c": `${body}module_pci_driver(one);\n` };
    const after = { "a.c": `${body}module_init(f);\nmodule_exit(g);\n` };
    expect(split(before, after)).toHaveLength(1);
  });

  test("a member that becomes another kind of thing changes with its users, a number that only grows does not", () => {
    const file = (type: string, call: string): Files => ({
      "a.h": `struct s {\n\t${type} rules;\n};\n`,
      "a.c": `void f(struct s *s)\n{\n\t${call}(&s->rules);\n}\n`,
    });
    expect(split(file("struct list", "empty"), file("struct table", "clear"))).toHaveLength(1);
    expect(split(file("u16", "empty"), file("u32", "clear"))).toHaveLength(2);
  });

  test("a moved function is one commit", () => {
    const [f, g] = [returning("f", "0"), returning("g", "1")];
    expect(split({ "a.c": f + g }, { "a.c": g + f })).toHaveLength(1);
  });

  test("a function that returns an enum is a function", () => {
    const functions = (names: string[]): string =>
      names.map((name) => `enum e ${returning(name, "0").slice(4)}`).join("");
    expect(split({ "a.c": "" }, { "a.c": functions(["f", "g"]) })).toEqual(["f added", "g added"]);
  });

  test("a variable that a macro defines is the same one when it becomes static", () => {
    expect(split({ "a.c": "DEFINE_IDA(ids);\n" }, { "a.c": "static DEFINE_IDA(ids);\n" })).toEqual([
      "ids changed",
    ]);
  });

  test("a struct's new members come first, its old ones go last", () => {
    const file = (member: string): Files => ({
      "a.h": `struct s {\n\tint ${member};\n};\n`,
      "b.c": `int f(struct s *s)\n{\n\treturn s->${member};\n}\n`,
    });
    expect(split(file("was"), file("now"))).toEqual(["s.now added", "f changed", "s.was removed"]);
  });

  test("the members of a struct whose size is checked change together, the macros among them alone", () => {
    const file = (member: string, flag: string): Files => ({
      "a.h": `struct s {\n\tint ${member};\n#define ${flag}\t1\n};\nCHECK_LENGTH(s);\n`,
      "b.c": `int f(void)\n{\n\treturn ${flag};\n}\n`,
    });
    expect(split(file("was", "X"), file("now", "X"))).toEqual(["s.was removed, s.now added"]);
    const commits = ["s.NEW added", "f changed", "s.OLD removed"];
    expect(split(file("one", "OLD"), file("one", "NEW"))).toEqual(commits);
  });

  test("a #pragma pack goes at once with its end and the structs between that are packed without it", () => {
    const packed =
      "#pragma pack(1)\nstruct s {\n\tu8 a;\n\tint b;\n};\n#pragma pack()\nstruct t { int c; };\n";
    const attributes = "struct s {\n\tu8 a;\n\tint b;\n} __packed;\nstruct t { long c; };\n";
    const commits = ["#pragma removed, s.tail changed, #pragma removed", "t.c changed"];
    expect(split({ "a.h": packed }, { "a.h": attributes }).sort()).toEqual(commits);
    expect(split({ "a.h": attributes }, { "a.h": packed })).toHaveLength(2);
  });

  test("who uses a struct's member does not wait for another struct that has a member of that name", () => {
    const needsOfUser = (type: string): number[] => {
      const before = { "a.h": "struct s {\n\tint flags;\n};\n", "a.c": "" };
      const after = {
        "a.h": `${before["a.h"]}struct t {\n\tint flags;\n};\n`,
        "a.c": `int f(struct ${type} *one)\n{\n\treturn one->flags;\n}\n`,
      };
      return [...planSplit(tree(before), tree(after)).commits.at(-1)!.needs];
    };
    expect(needsOfUser("s")).toEqual([]);
    expect(needsOfUser("t")).toEqual([0]);
  });

  test("a new file is complete before the Makefile names it, and its functions are called after that", () => {
    const before = { Makefile: "obj = a.o\n", "a.c": returning("main", "0") };
    const after = {
      Makefile: "obj = a.o b.o\n",
      "a.c": returning("main", "b()"),
      "b.c": returning("b", "1"),
    };
    expect(split(before, after)).toEqual(["b added", "whole file changed", "main changed"]);
  });

  test("members of a struct that nothing uses yet are one commit, and so are functions of any file", () => {
    const header = (members: string): string => `struct s {\n\tint a;\n${members}};\n`;
    // Functions are joined up to a tenth of all changed lines.
    const many = Array.from({ length: 20 }, (_, at) => returning(`g${at}`, "h(1,\n\t2)")).join("");
    const before = { "a.h": header(""), "a.c": returning("f", "1"), "b.c": many };
    const after = {
      "a.h": header("\tint b;\n\tint c;\n"),
      "a.c": returning("x", "1") + returning("f", "1"),
      "b.c": many.replaceAll("h(1", "h(3") + returning("y", "2"),
    };
    expect(split(before, after).slice(0, 2)).toEqual(["s.b added, s.c added", "x added, y added"]);
  });

  test("comments, blanks and documents are one commit, also the comment of a changed function", () => {
    const file = (comment: string, value: string, gap: string): string =>
      `/* ${comment} */\n${returning("f", value)}int${gap}g;\n`;
    const before = { "a.c": file("old", "1", " "), README: "1\n" };
    expect(split(before, { "a.c": file("new", "2", "  "), README: "2\n" })).toEqual([
      "whole file changed, comment of f changed, g changed",
      "f changed",
    ]);
  });

  test("suspects come near the middle, and what is not to be cut finely is one commit", () => {
    const file = (value: string): Files => ({
      "a.c": ["a", "b", "c", "d", "e"].map((name) => returning(name, value)).join(""),
    });
    const names = (limits: SplitLimits): string[] =>
      describeCommits(planSplit(tree(file("1")), tree(file("2")), limits)).map(({ units }) =>
        units.map(({ unit }) => unit).join(" "),
      );
    expect(names({ isSuspect: ({ within }) => within === "a" })).toEqual(["b", "c", "a", "d", "e"]);
    expect(names({ isFine: ({ within }) => within === "c" })).toEqual(["a b d e", "c"]);
  });
});
