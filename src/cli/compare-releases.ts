import { compareTrees } from "../changes/compare-trees.js";
import type { ChangeSet } from "../changes/change-set.js";
import type { Tree } from "../history/trees.js";
import type { SourceFile } from "../source/source-file.js";
import { codePaths } from "./read-sources.js";
import { readDifferingTrees } from "./read-trees.js";
import type { SourceIndex } from "./source-index.js";

export async function compareReleases(from: Tree, to: Tree, index: SourceIndex): Promise<ChangeSet> {
  const { before, after } = await readDifferingTrees(from, to, { index });
  return compareTrees(before, after);
}

/** Every C file of a tree, scanned. */
export function codeOf(tree: Tree, index: SourceIndex): Promise<SourceFile[]> {
  return Promise.all(codePaths(tree).map((path) => index.sourceOf(tree, path)));
}
