import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { pieces, readSource } from "../../src/source/source-file.js";

function units(text: string): string[] {
  return readSource(text, "x.c").units.map((unit) => `${unit.kind} ${unit.name}`);
}

describe("readSource", () => {
  it("needs no more for a header with many #if groups than for one", () => {
    const groups = "#ifdef A\nint b(int c)\n#else\nint d(int e)\n#endif\n".repeat(200);
    const text = `int f(int a)\n${groups}{\n}\nint g(void)\n{\n}\n`;
    expect(readSource(text, "x.c").units.at(-1)).toMatchObject({ kind: "function", name: "g" });
  });

  it.each([
    ["a plain function", "static int f(int a)\n{\n\treturn a;\n}\n", ["function f"]],
    [
      "alternative headers with one body",
      "#ifdef A\nint f(int a)\n#else\nint f(void)\n#endif\n{\n}\n",
      ["function f"],
    ],
    [
      "alternative headers, each with its brace",
      "#ifdef A\nu16 f(int a)\n{\n#else\nu16 f(void)\n{\n#endif\n\tx();\n}\nint g(void)\n{\n}\n",
      ["function f", "function g"],
    ],
    [
      "branches that don't balance alone",
      "void f(void)\n{\n#ifdef A\n\tif (a) {\n#else\n\tif (b) {\n#endif\n\t}\n#ifdef A\n\tif (c) {\n#endif\n\tx();\n" +
        "#ifdef A\n\t}\n#endif\n}\nint g;\n",
      ["function f", "global g"],
    ],
    [
      "a dead branch that misses a brace",
      "int f(void)\n{\n#ifdef A\n\tif (x) {\n\t\ty();\n\telse\n\t\tz();\n#endif\n\treturn 0;\n}\nint g(void)\n{\n}\n",
      ["function f", "function g"],
    ],
    [
      "a comment's end without a start, as vendors leave it for an analyser",
      "#ifdef __KLOCWORK__\n */\n#define memcpy(d, s, n) memcpy_s(d, n, s, n)\n\nstatic int f(int a)\n{\n\treturn a */* by */ 2;\n}\n#endif\n",
      ["macro memcpy", "function f"],
    ],
    [
      "annotations",
      "static int __init f(void)\n{\n}\n__printf(2, 3)\nvoid g(int a, ...)\n{\n}\n",
      ["function f", "function g"],
    ],
    ["trailing annotations", "void f(int a) OVS_REQUIRES(lock)\n{\n}\n", ["function f"]],
    [
      "a closing brace that is indented",
      "int f(void)\n{\n\treturn 0;\n\t}\nint g;\n",
      ["function f", "global g"],
    ],
    [
      "a local table that ends at column 0",
      "int f(void)\n{\n\tstatic int a[] = {\n\t1,\n};\n\treturn a[0];\n}\nint g;\n",
      ["function f", "global g"],
    ],
    [
      "declarations",
      "#include <x.h>\n#define A 1\nstruct s {\n\tint a;\n};\nenum {\n\tFIRST,\n};\ntypedef int (*cb)(int);\nint p(void);\n" +
        'static const struct o ops = {\n\t.a = f,\n};\nmodule_init(start);\nMODULE_LICENSE("GPL");\nint v = 1;\n',
      [
        "include <x.h>",
        "macro A",
        "struct s",
        "enum {FIRST}",
        "typedef cb",
        "prototype p",
        "table ops",
        "invocation module_init(start)",
        'invocation MODULE_LICENSE("GPL")',
        "global v",
      ],
    ],
    ["code under #if 0", "#if 0\nint f(void)\n{\n#else\nint g(void)\n{\n}\n#endif\n", ["function g"]],
    [
      "a macro in place of the parameters",
      "void end_io BIO_ARGS(struct bio *bio)\n{\n}\nint asmlinkage TICK(void)\n{\n}\n",
      ["function end_io", "function TICK"],
    ],
    [
      "a header with a body in one branch and none in the other",
      "void f(int a)\n#ifdef A\n{\n\tx();\n}\n#else\n;\n#endif\nint g;\n",
      ["function f", "global g"],
    ],
    [
      "macro calls alone on their lines, indented",
      "#define C(name, bit) X(name, f1c, bit)\n  C(sse3, 0)\n  C(aes, 25)\n#undef C\n#define D(name, bit) X(name, f1d, bit)\n  D(fpu, 0)\n#undef D\nint f(void)\n{\n}\n",
      ["macro C", "invocation C(sse3)", "invocation C(aes)", "macro D", "invocation D(fpu)", "function f"],
    ],
    ["a type from a macro above an indented name", "  TYPE(int)\n    f(int a)\n{\n}\n", ["function f"]],
    ["a function that returns a pointer to one", "int (*f(int a))(void)\n{\n}\n", ["function f"]],
  ])("reads %s", (_, text, expected) => {
    expect(units(text)).toEqual(expected);
  });

  it("keys variants by their condition", () => {
    const { units } = readSource("#ifdef A\nint f(void)\n{\n}\n#else\nint f(int a)\n{\n}\n#endif\n", "x.c");
    expect(units.map(({ name, condition }) => [name, condition])).toEqual([
      ["f", ["defined(A)"]],
      ["f", ["!defined(A)"]],
    ]);
  });

  it("gives no function the names of an #if that ended before it", () => {
    const text =
      "#ifdef A\nint f(int a)\n#else\nint f(void)\n#endif\n#ifdef B\n{\n}\n#elif C\nint f(long a)\n{\n}\n#endif\n" +
      "int g(void)\n{\n}\n";
    const { units } = readSource(text, "x.c");
    expect(units.map(({ name, alternatives }) => [name, alternatives])).toEqual([
      ["f", []],
      ["g", []],
    ]);
  });

  it("leaves an include guard out of the conditions", () => {
    expect(readSource("#ifndef H\n#define H\nint a;\n#endif\n", "x.h").units[1]?.condition).toEqual([]);
  });

  it("puts the comment before a function into its docSpan", () => {
    const text = "int a;\n\n/**\n * f - does it\n */\nint f(void)\n{\n}\n";
    const unit = readSource(text, "x.c").units[1];
    expect(text.slice(unit?.docSpan.startOffset, unit?.span.startOffset)).toBe("/**\n * f - does it\n */\n");
  });

  it("says where a function has no end, and reads on", () => {
    const text = "int f(void)\n{\n\tif (a) {\n\nint g(void)\n{\n\treturn 1;\n}\nint h(void)\n{\n}\n";
    const file = readSource(text, "x.c");
    expect(file.units.map(({ name }) => name)).toEqual(["f", "g", "h"]);
    expect(file.problems).toEqual([{ path: "x.c", line: 5, message: "f has no end before g" }]);
  });

  it("reads any text: spans in order and inside the file, nothing lost", () => {
    const piece = fc.constantFrom(
      ...'int f ( ) { } { } ; = , #if\u0020A\n #ifdef\u0020B\n #else\n #elif\u0020C\n #endif\n #if\u00200\n #define\u0020X\u0020\\\n1\n \n}\n \n{\n /* */ // \n " \' \\\n struct s enum typedef static [ ] : extern "C" é'.split(
        " ",
      ),
      " ",
      "\n",
    );
    const text = fc.array(piece, { maxLength: 60 }).map((all) => all.join(" ").replace(/\n /g, "\n"));
    fc.assert(
      fc.property(fc.oneof(text, fc.string()), (source) => {
        const file = readSource(source, "x.c");
        expect(
          pieces(file)
            .map((part) => part.text)
            .join(""),
        ).toBe(source);
        let at = 0;
        for (const { span, docSpan, bodySpan } of file.units) {
          expect(span.startOffset).toBeGreaterThanOrEqual(at);
          expect(docSpan.startOffset).toBeGreaterThanOrEqual(at);
          expect(span.endOffset).toBeGreaterThan(span.startOffset);
          expect(bodySpan === undefined || bodySpan.endOffset === span.endOffset).toBe(true);
          expect(span.endLine).toBeGreaterThanOrEqual(span.startLine);
          at = span.endOffset;
        }
        expect(at).toBeLessThanOrEqual(source.length);
      }),
      { numRuns: 3000 },
    );
  });
});

test("hundreds of #if groups in one declaration that never ends cost no more than their number", () => {
  const group = "#if A\n\tldr r1, [r0] f (x)\n#else\n\tldr r2, [r0] g (y)\n#endif\n";
  const file = readSource(`start (now)\n${group.repeat(300)}`, "sha.S");
  expect(file.problems.length).toBeGreaterThan(0);
});
