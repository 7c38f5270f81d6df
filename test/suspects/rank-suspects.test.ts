import { describe, expect, test } from "vitest";
import { compareTrees } from "../../src/changes/compare-trees.js";
import { readEvidence } from "../../src/evidence/read-evidence.js";
import { readSource } from "../../src/source/source-file.js";
import { buildCallGraph } from "../../src/suspects/call-graph.js";
import type { Trace } from "../../src/suspects/sights.js";
import { rankSuspects, type Suspect } from "../../src/suspects/rank-suspects.js";

const reuse = (test: string, bias: string): string =>
  `static bool demo_reuse(struct page *page)\n{\n\tif (${test}) {\n\t\tpage_ref_add(page, ${bias});\n\t\treset_bias(page);\n\t}\n\treturn true;\n}\n`;
const rest = (size: string): string =>
  `static void demo_filter(int rule)\n{\n\tset_rule(rule, ${size});\n}\n` +
  `static int demo_clean(struct ring *ring)\n{\n\treturn demo_reuse(ring->page);\n}\n` +
  `static int demo_poll(struct napi *napi)\n{\n\treturn napi->ring->clean(napi->ring);\n}\n` +
  `static struct ring_ops ops = {\n\t.clean = demo_clean,\n};\n`;
const tree = (name: string, text: string) => ({ name, files: new Map([["src/demo.c", text]]) });
const good = tree("1.0", reuse("!bias", "MAX") + rest("1"));
const bad = tree("1.1", reuse("!bias", "MAX - 1") + rest("2"));
const fixed = tree("1.2", reuse("bias == 1", "MAX - 1") + rest("2"));
const trace =
  "BUG: Bad page state in process swapper/0  pfn:1\nCall Trace:\n demo_poll+0x10/0x90 [demo]\n net_rx_action+0x1/0x2\n";

function seen(text: string): Trace {
  return { text, evidence: readEvidence(text) };
}

function rank(options: { trace?: string; fixed?: boolean }): Suspect[] {
  const files = [...bad.files].map(([path, text]) => readSource(text, path));
  return rankSuspects({
    changes: compareTrees(good, bad),
    graph: buildCallGraph(files),
    traces: options.trace === undefined ? [] : [seen(options.trace)],
    ...(options.fixed ? { fix: compareTrees(bad, fixed) } : {}),
  });
}

describe("a two-line change behind an ops table", () => {
  test("the trace leads to it through the function pointer", () => {
    const [first, second] = rank({ trace });
    expect(first).toMatchObject({
      rank: 1,
      name: "demo_reuse",
      path: ["demo_poll", "demo_clean", "demo_reuse"],
    });
    expect(first?.lines).toContain("+\t\tpage_ref_add(page, MAX - 1);");
    expect(first?.reasons.map((r) => r.signal)).toEqual(["frame", "lexicon", "edit", "size"]);
    expect(second?.name).toBe("demo_filter");
  });

  test("without a trace the fixed release alone finds it", () => {
    const [first, second] = rank({ fixed: true });
    expect(first?.reasons[0]).toMatchObject({
      signal: "fix",
      text: "the fixed release changes 2 lines of it, right beside this change",
    });
    expect(second?.reasons[0]?.text).toBe("the fixed release leaves it as it is");
  });

  test("a score is the sum of its reasons", () => {
    for (const { score, reasons } of rank({ trace, fixed: true }))
      expect(score).toBeCloseTo(
        reasons.reduce((sum, { points }) => sum + points, 0),
        2,
      );
  });

  test("a tree against itself has no suspects", () => {
    expect(
      rankSuspects({ changes: compareTrees(good, good), graph: buildCallGraph([]), traces: [] }),
    ).toEqual([]);
  });
});

test("a core function that the driver copies for old kernels is not the driver's frame", () => {
  const copyTree = (text: string) => ({ name: "x", files: new Map([["src/kcompat.c", text]]) });
  const copy = copyTree("void ktime_get_ts64(void)\n{\n\tread_clock(2);\n}\n");
  const old = copyTree("void ktime_get_ts64(void)\n{\n\tread_clock(1);\n}\n");
  const files = [readSource([...copy.files.values()][0]!, "src/kcompat.c")];
  const [only] = rankSuspects({
    changes: compareTrees(old, copy),
    graph: buildCallGraph(files),
    traces: [seen(`${trace} ktime_get_ts64+0x4c/0xf0\n`)],
  });
  expect(only?.path).toEqual([]);
});
