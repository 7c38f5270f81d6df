import { expect, test } from "vitest";
import { cutTrees } from "../../src/split/plan-split.js";
import type { SourceTree } from "../../src/split/slot.js";
import { estimateCosts } from "../../src/split/verify/costs.js";

function tree(files: Record<string, string>): SourceTree {
  return new Map(
    Object.entries(files).map(([path, text]) => [path, { mode: "100644", content: Buffer.from(text) }]),
  );
}

/** The cost of a change to a tree of three sources, of which two reach far.h. */
function costOf(change: Record<string, string>): number {
  const files = {
    "a.c": '#include "near.h"\n#include "far.h"\nint a;\n',
    "b.c": '#include "near.h"\nint b;\n',
    "far.h": "int one;\n",
    "near.h": '#include "far.h"\n',
    "solo.c": "int solo;\n",
  };
  const cutting = cutTrees(tree(files), tree({ ...files, ...change }));
  return estimateCosts(cutting).of(cutting.loud);
}

test("a declaration in a header costs a compilation of each source that includes it, a macro less, a source one", () => {
  const declaration = costOf({ "far.h": "int one;\nint two;\n" });
  const macro = costOf({ "far.h": "int one;\n#define TWO 2\n" });
  const source = costOf({ "solo.c": "int other;\n" });
  expect(declaration).toBeGreaterThan(macro);
  expect(declaration).toBeGreaterThan(source);
  expect(costOf({ "far.h": "int one;\n#define TWO 2\nint two;\n" })).toBe(declaration);
});
