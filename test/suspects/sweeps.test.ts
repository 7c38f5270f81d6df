import { expect, test } from "vitest";
import { compareTrees } from "../../src/changes/compare-trees.js";
import { readSource } from "../../src/source/source-file.js";
import { buildCallGraph } from "../../src/suspects/call-graph.js";
import { rankSuspects } from "../../src/suspects/rank-suspects.js";
import { sweepsAmong } from "../../src/suspects/sweeps.js";

const names = ["nic_open", "nic_close", "nic_reset", "nic_poll", "nic_xmit"];
const tree = (name: string, text: string) => ({ name, files: new Map([["nic.c", text]]) });

/** Five functions that read one member, each in a line of its own, and one that does nothing of the kind. */
function driver(member: string, depth: number, first = ""): string {
  const users = names.map(
    (name, at) =>
      `void ${name}(struct nic *nic)\n{\n\t${at === 0 ? first : ""}\n\tuse_${at}(nic->${member}, ${at});\n\tnic_done(${at});\n}\n`,
  );
  return `${users.join("")}void nic_tune(struct nic *nic)\n{\n\tset_depth(nic, ${depth});\n}\n`;
}

function sweepsBetween(before: string, after: string): string[] {
  const { units } = compareTrees(tree("1", before), tree("2", after));
  return units.filter(sweepsAmong(units)).map(({ name }) => name);
}

test("one name in place of another in many functions is a sweep, beside an edit of its own it is none", () => {
  expect(sweepsBetween(driver("flags", 1), driver("state", 2, "nic_lock(nic);"))).toEqual(names.slice(1));
});

test("lines that many functions only gained are no sweep: a lock in each of them can be the mistake", () => {
  const locked = driver("flags", 1).replaceAll("\tnic_done", "\tnic_lock();\n\tnic_done");
  expect(sweepsBetween(driver("flags", 1), locked)).toEqual([]);
});

test("an edit alone stands before a rename's traces, and such a trace in the fixed release is no fix", () => {
  const [old, bad, fixed] = [driver("flags", 1), driver("state", 2), driver("status", 3)];
  const suspects = rankSuspects({
    changes: compareTrees(tree("1", old), tree("2", bad)),
    graph: buildCallGraph([readSource(bad, "nic.c")]),
    traces: [],
    fix: compareTrees(tree("2", bad), tree("3", fixed)),
  });
  expect(suspects[0]?.name).toBe("nic_tune");
  const [, other] = suspects;
  expect(other?.reasons.map(({ text }) => text)).toEqual(
    expect.arrayContaining([
      "the fixed release only has words replaced in it that it replaced alike in many functions",
      "it only has words replaced that were replaced alike in many functions",
    ]),
  );
});
