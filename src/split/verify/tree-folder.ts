// A folder that holds one tree after another. Only what differs is written, so that make rebuilds only what changed.
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { SourceTree, TreeFile } from "../slot.js";

export class TreeFolder {
  #now: SourceTree = new Map();

  /** `folder` must be new or empty: what is in it is what was put there. */
  constructor(readonly folder: string) {
    mkdirSync(folder, { recursive: true });
  }

  /** Makes the folder hold a tree; files that make put there stay. */
  put(tree: SourceTree): void {
    for (const path of this.#now.keys())
      if (!tree.has(path)) rmSync(this.#path(path), { force: true, recursive: true });
    for (const [path, file] of tree) {
      const before = this.#now.get(path);
      if (before?.mode === file.mode && before.content.equals(file.content)) continue;
      this.#write(path, file, before);
    }
    this.#now = tree;
  }

  #write(path: string, { mode, content }: TreeFile, before: TreeFile | undefined): void {
    const place = this.#path(path);
    mkdirSync(dirname(place.toString("latin1")), { recursive: true });
    const isFile = [mode, before?.mode ?? mode].every((each) => each.startsWith("100"));
    if (!isFile) rmSync(place, { force: true, recursive: true });
    if (mode === "160000") return mkdirSync(place);
    if (mode === "120000") return symlinkSync(content, place);
    writeFileSync(place, content);
    chmodSync(place, mode === "100755" ? 0o755 : 0o644);
  }

  /** Paths are bytes held as latin1. */
  #path(path: string): Buffer {
    return Buffer.concat([Buffer.from(`${this.folder}/`), Buffer.from(path, "latin1")]);
  }
}
