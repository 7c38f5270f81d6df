import { createHash } from "node:crypto";
import { usageFault } from "../fault/fault.js";
import type { TreeFile } from "./git-tree.js";

export interface Tree {
  /** How the user named it: "v2.13.10", "./i40e-2.13.10". */
  label: string;
  /** By path inside the tree, sorted. */
  files: ReadonlyMap<string, TreeFile>;
  /** One file's content; those asked for at the same time come in that order. A path that isn't there is a usage fault. */
  contentOf(path: string): Promise<Buffer>;
  /** The content of these paths, in one go. */
  read(paths: readonly string[]): Promise<Map<string, Buffer>>;
}

/** A tree whose contents are at hand already. */
export function heldTree(
  label: string,
  held: readonly { path: string; mode: string; content: Buffer }[],
): Tree {
  const files = new Map(held.map(({ path, mode, content }) => [path, { id: blobId(content), mode }]));
  const contents = new Map(held.map(({ path, content }) => [path, content]));
  const contentOf = (path: string): Promise<Buffer> =>
    Promise.resolve((fileIn(files, path, label), contents.get(path)!));
  return { label, files, contentOf, read: (paths) => readAll(paths, contentOf) };
}

/** The content of these paths, by path. */
export async function readAll(
  paths: readonly string[],
  contentOf: (path: string) => Promise<Buffer>,
): Promise<Map<string, Buffer>> {
  const contents = await Promise.all(paths.map(contentOf));
  return new Map(paths.map((path, at) => [path, contents[at]!]));
}

/** A usage fault when the tree has no such file. */
export function fileIn(files: ReadonlyMap<string, TreeFile>, path: string, label: string): TreeFile {
  const file = files.get(path);
  if (file === undefined) throw usageFault(`there is no file ${path} in ${label}`);
  return file;
}

/** Git's id of a blob with this content. */
export function blobId(content: Uint8Array): string {
  return createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
}
