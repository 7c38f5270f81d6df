import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { SourceTree } from "../../src/split/slot.js";
import { TreeFolder } from "../../src/split/verify/tree-folder.js";

test("one path is a submodule, a file and a link in turn, and what make put there stays", () => {
  const folder = mkdtempSync(join(tmpdir(), "tarbisect-split-test-"));
  const trees = new TreeFolder(folder);
  const put = (mode: string, content: string): void => {
    const tree: SourceTree = new Map([["headers", { mode, content: Buffer.from(content) }]]);
    trees.put(tree);
  };
  try {
    put("160000", "1".repeat(40));
    expect(readdirSync(join(folder, "headers"))).toEqual([]);
    put("100644", "text");
    expect(readFileSync(join(folder, "headers"), "utf8")).toBe("text");
    put("120000", "nowhere");
    expect(lstatSync(join(folder, "headers")).isSymbolicLink()).toBe(true);
    put("160000", "2".repeat(40));
    writeFileSync(join(folder, "made.o"), "");
    trees.put(new Map());
    expect(existsSync(join(folder, "headers"))).toBe(false);
    expect(readdirSync(folder)).toEqual(["made.o"]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
