// A tree of files by whatever name the user has for it: a version, a tag, a commit, a folder or an archive.
import { statSync, type Stats } from "node:fs";
import { basename, resolve } from "node:path";
import { isVersion } from "../catalog/version.js";
import { harnessFault, usageFault } from "../fault/fault.js";
import { GitObjects, type GitObject } from "./git-objects.js";
import { filesOfTree } from "./git-tree.js";
import { tagOf } from "./release-commit.js";
import { fileIn, heldTree, readAll, type Tree } from "./tree.js";

export type { Tree } from "./tree.js";

/**
 * Opens a tree. An existing folder or archive wins when the name looks like a path; otherwise `name`, `vNAME` and
 * `in-tree/NAME` are tried as revisions of the repository at `cwd`.
 */
export async function openTree(name: string, cwd: string): Promise<Tree> {
  const [tree] = await openTrees([name], cwd);
  return tree!;
}

/** Two versions of a file are asked for one after the other: git needs no older ones again, and new memory costs it most. */
const pairCacheBytes = 8 * 1024 * 1024;

/** Several trees, with one git process for all of them. */
export function openTrees(names: readonly string[], cwd: string): Promise<Tree[]> {
  const objects = new GitObjects(cwd, names.length === 2 ? pairCacheBytes : undefined);
  return Promise.all(names.map((name) => openOne(name, cwd, objects)));
}

async function openOne(name: string, cwd: string, objects: GitObjects): Promise<Tree> {
  const path = resolve(cwd, name);
  const found = tryStat(path);
  const openPath = (): Promise<Tree> => (found?.isDirectory() ? openFolder(name, path) : openArchive(path));
  if (found && looksLikePath(name)) return openPath();
  const root = await findTree(name, objects);
  if (root !== undefined) return openObject(name, root, objects);
  if (found) return openPath();
  throw usageFault(
    `there is no version, tag, commit, folder or archive "${name}"`,
    "git tag lists the versions of this history; tarbisect import makes one",
  );
}

/** A name that no file could have is that of no file. */
function tryStat(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Outside a repository there is no such tree either. */
async function findTree(name: string, objects: GitObjects): Promise<GitObject | undefined> {
  if (name === "" || name.startsWith("-")) return undefined;
  const candidates = [`refs/tags/${asTag(name)}`, `refs/tags/in-tree/${name}`, name];
  const found = await Promise.all(candidates.map((candidate) => objects.get(`${candidate}^{tree}`))).catch(
    () => [],
  );
  return found.find((object) => object?.type === "tree");
}

/** A version's own tag, where it has one: "1.0~1" is a version before it is the parent of v1.0. */
function asTag(name: string): string {
  return isVersion(name) ? tagOf(name) : `v${name}`;
}

async function openFolder(label: string, path: string): Promise<Tree> {
  return (await import("./folder-tree.js")).openFolder(label, path);
}

async function openArchive(path: string): Promise<Tree> {
  const { readArchive } = await import("../tarballs/read-archive.js");
  const { files } = await readArchive(path, { keep: (content) => Buffer.from(content) });
  const sorted = files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return heldTree(
    basename(path),
    sorted.map(({ path: at, mode, kept }) => ({ path: at, mode, content: kept })),
  );
}

function looksLikePath(name: string): boolean {
  return /^\.{0,2}\//.test(name) || name === "." || name === "..";
}

async function openObject(label: string, root: GitObject, objects: GitObjects): Promise<Tree> {
  const files = await filesOfTree(root, objects);
  const contentOf = async (path: string): Promise<Buffer> => {
    const { id } = fileIn(files, path, label);
    const blob = await objects.get(id);
    if (blob === undefined) throw harnessFault(`git cannot read the blob ${id}`, { hint: "git fsck" });
    return blob.content;
  };
  return { label, files, contentOf, read: (paths) => readAll(paths, contentOf) };
}
