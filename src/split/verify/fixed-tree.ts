// A tree with the catalog's fixups applied, and the way back from a line of it to the tree's own line.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { diffArrays } from "diff";
import type { BuildError } from "../../build/build-errors.js";
import { applyFixups } from "../../build/fixups.js";
import type { Fixup } from "../../catalog/catalog-shape.js";
import type { SourceTree, TreeFile } from "../slot.js";
import { fileKey } from "./tree-build.js";
import { TreeFolder } from "./tree-folder.js";

export interface FixedTree {
  tree: SourceTree;
  /** Compiler flags that the fixups ask for, with FOLDER for the tree's folder. */
  cflags: string[];
}

/** Applies fixups to copies of trees, to each file once. */
export class TreeFixer {
  readonly #fixed = new Map<string, TreeFile>();
  /** Headers that the fixups bring along, and the flags that name them: the same for each tree. */
  readonly #added = new Map<string, TreeFile>();
  #cflags: string[] = [];
  /** A patch can need several files at once; the other kinds look at one file at a time. */
  readonly #isByFile;

  constructor(
    readonly fixups: readonly Fixup[],
    readonly sourceFolder: string,
  ) {
    this.#isByFile = fixups.every(({ kind }) => kind !== "patch");
  }

  async fix(tree: SourceTree): Promise<FixedTree> {
    if (this.fixups.length === 0) return { tree, cflags: [] };
    if (!this.#isByFile) return fixTree(tree, this.fixups, this.sourceFolder);
    const idOf = (path: string, file: TreeFile): string => `${path}\0${fileKey(file)}`;
    const open = new Map([...tree].filter(([path, file]) => !this.#fixed.has(idOf(path, file))));
    const { tree: fixed, cflags } = await fixTree(open, this.fixups, this.sourceFolder);
    for (const [path, file] of fixed) {
      const before = open.get(path);
      if (before) this.#fixed.set(idOf(path, before), file);
      else this.#added.set(path, file);
    }
    if (cflags.length > 0) this.#cflags = cflags;
    const known = [...tree].map(([path, file]) => [path, this.#fixed.get(idOf(path, file))!] as const);
    return { tree: new Map([...known, ...this.#added]), cflags: this.#cflags };
  }
}

/** Applies fixups to a copy, as a release is prepared for its build. */
async function fixTree(tree: SourceTree, fixups: readonly Fixup[], sourceFolder: string): Promise<FixedTree> {
  if (fixups.length === 0) return { tree, cflags: [] };
  const folder = await mkdtemp(join(tmpdir(), "tarbisect-fixups-"));
  try {
    new TreeFolder(folder).put(tree);
    const root = join(folder, sourceFolder);
    if (!existsSync(root)) return { tree, cflags: [] };
    const applied = await applyFixups(root, fixups);
    const fixed = new Map(tree);
    const files = readdirSync(root, { recursive: true, encoding: "latin1" });
    const known = new Set(applied.flatMap((fixup) => fixup.files));
    for (const file of files.filter((name) => known.has(name))) {
      const path = join(sourceFolder, file);
      if (statSync(join(folder, path)).isFile())
        fixed.set(path, fixedFile(tree.get(path), join(folder, path)));
    }
    const cflags = applied.flatMap((fixup) => fixup.cflags).map((flag) => flag.replace(folder, "FOLDER"));
    return { tree: fixed, cflags };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function fixedFile(before: TreeFile | undefined, path: string): TreeFile {
  return { mode: before?.mode ?? "100644", content: readFileSync(path) };
}

/** An error of a fixed tree with the line that its text has in the tree before. */
export function beforeFixups(error: BuildError, tree: SourceTree, fixed: SourceTree): BuildError {
  const { file = "", line } = error;
  const [before, after] = [tree.get(file), fixed.get(file)];
  if (!before || !after || before === after || line === undefined) return error;
  const [oldText, newText] = [before.content.toString("latin1"), after.content.toString("latin1")];
  return { ...error, line: lineBefore(oldText, newText, line) };
}

/** The line of `before` that a line of `after` came from; both as text, lines from 1. */
function lineBefore(before: string, after: string, line: number): number {
  let [oldAt, newAt] = [0, 0];
  for (const { added, removed, count } of diffArrays(before.split("\n"), after.split("\n"))) {
    if (!removed && newAt + count >= line) return added ? Math.max(1, oldAt) : oldAt + (line - newAt);
    if (!added) oldAt += count;
    if (!removed) newAt += count;
  }
  return Math.max(1, oldAt);
}
