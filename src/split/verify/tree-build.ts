// What a tree's build told, and where trees are built.
import { createHash } from "node:crypto";
import type { BuildError } from "../../build/build-errors.js";
import type { SourceTree, TreeFile } from "../slot.js";

export type Outcome =
  /** `code` names what the built module does, whatever its names and notes; undefined where nobody looked. */
  | { kind: "built"; code: string | undefined }
  /** Paths of the errors are those of the tree. */
  | { kind: "failed"; firstError: string; errors: BuildError[] };

export interface TreeToBuild {
  /** treeKey of the tree. */
  key: string;
  tree: SourceTree;
}

/** Builds trees one after another in a folder of its own. A tree that does not build is a value. */
export interface TreeBuilder {
  build(tree: TreeToBuild, signal: AbortSignal): Promise<Outcome>;
}

const ids = new WeakMap<TreeFile, string>();

/** Names a tree by its content. */
export function treeKey(tree: SourceTree): string {
  const hash = createHash("sha256");
  for (const path of [...tree.keys()].sort()) hash.update(`${path}\0${fileKey(tree.get(path)!)}\0`);
  return hash.digest("hex").slice(0, 32);
}

/** Names a file by its content and mode. */
export function fileKey(file: TreeFile): string {
  const known = ids.get(file);
  if (known !== undefined) return known;
  const id = createHash("sha256").update(file.mode).update(file.content).digest("hex");
  ids.set(file, id);
  return id;
}
