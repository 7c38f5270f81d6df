// Any text at all is read and compared: pieces of C in any order, cut and damaged.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareTrees } from "../../src/changes/compare-trees.js";
import { pieces, readSource } from "../../src/source/source-file.js";
import { decodeUnits, encodeUnits } from "../../src/source/stored-units.js";

const piece = fc.oneof(
  fc.constantFrom(
    "static int f(struct a *b, int c)\n{\n\tif (c) {\n\t\treturn 1;\n\t}\n}\n",
    "#ifdef A\nint g(int x)\n#else\nint g(void)\n#endif\n{\n}\n",
    "#if X\n\tif (a) {\n#else\n\tif (b) {\n#endif\n\t}\n",
    "int k(a, b)\nint a;\nchar *b;\n{\n}\n",
    "static const struct ops t = {\n\t.open = f,\n};\n",
    "#define M(x) \\\n\tstatic int x##_show(void) { return 0; }\n",
    "DEFINE_SHOW_ATTRIBUTE(f);\nM(a)\nSYSCALL_DEFINE1(x, int, y)\n{\n}\n",
    "/* a { comment",
    "*/",
    '"',
    "'",
    "\\\n",
    "\r\n",
    "\0",
    "é\u{1f600}\ud800",
    "%:if 1\n",
    "<%",
    "%>",
    "??<",
    "#if 0\n",
    "#elif B\n",
    "#else\n",
    "#endif\n",
    "#define",
    "#include <a.h>\n",
    "{",
    "}",
    "(",
    ")",
    ";",
    "=",
    ",",
    "typedef int (*cb)(int);\n",
    "enum e { A,\n\tB };\n",
    'extern "C" {\n',
    "struct s { int a; } *v;\n",
    "\n}\n",
    "\n{\n",
  ),
  fc.string({ maxLength: 12, unit: "binary" }),
);
const source = fc.array(piece, { maxLength: 40 }).map((all) => all.join(""));

describe("on any text", () => {
  it("every unit lies inside the file, in order, and the pieces are the file again", () => {
    fc.assert(
      fc.property(source, (text) => {
        const file = readSource(text, "x.c");
        let at = 0;
        for (const { span, docSpan, bodySpan } of file.units) {
          expect(docSpan.startOffset).toBeGreaterThanOrEqual(at);
          expect(span.startOffset).toBeGreaterThanOrEqual(docSpan.startOffset);
          expect(span.endOffset).toBeGreaterThan(span.startOffset);
          if (bodySpan) expect(bodySpan.startOffset).toBeGreaterThanOrEqual(span.startOffset);
          if (bodySpan) expect(bodySpan.endOffset).toBe(span.endOffset);
          expect(text.slice(0, span.startOffset).split("\n").length).toBe(span.startLine);
          at = span.endOffset;
        }
        expect(at).toBeLessThanOrEqual(text.length);
        expect(
          pieces(file)
            .map((one) => one.text)
            .join(""),
        ).toBe(text);
      }),
    );
  });

  it("what the index keeps is what was read", () => {
    fc.assert(
      fc.property(source, (text) => {
        const { units, problems } = readSource(text, "x.c");
        const kept = decodeUnits(encodeUnits({ path: "x.c", text, units, problems }));
        expect(kept.units).toEqual(units);
        expect(kept.problems.map((problem) => ({ path: "x.c", ...problem }))).toEqual(problems);
      }),
    );
  });

  it("a tree against itself is no change, and two trees are compared without a throw", () => {
    const tree = (name: string, text: string) => ({ name, files: new Map([["x.c", text]]) });
    fc.assert(
      fc.property(source, source, (before, after) => {
        expect(compareTrees(tree("a", before), tree("b", before)).units).toEqual([]);
        const { units, files } = compareTrees(tree("a", before), tree("b", after));
        expect(files.length).toBe(before === after ? 0 : 1);
        for (const { linesAdded, linesRemoved } of units)
          expect(linesAdded + linesRemoved).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
