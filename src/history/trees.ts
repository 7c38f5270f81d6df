// A tree of files by whatever name the user has for it: a version, a tag, a commit, or a folder.
import { createHash } from "node:crypto";
import { lstat, readdir, readFile, readlink, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { harnessFault, usageFault } from "../fault/fault.js";
import { GitObjects, type GitObject } from "./git-objects.js";
import { filesOfTree, type TreeFile } from "./git-tree.js";

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

/**
 * Opens a tree. An existing folder wins when the name looks like a path; otherwise `name`, `vNAME` and
 * `in-tree/NAME` are tried as revisions of the repository at `cwd`.
 */
export async function openTree(name: string, cwd: string): Promise<Tree> {
  const [tree] = await openTrees([name], cwd);
  return tree!;
}

/** Several trees, with one git process for all of them. */
export function openTrees(names: readonly string[], cwd: string): Promise<Tree[]> {
  const objects = new GitObjects(cwd);
  return Promise.all(names.map((name) => openOne(name, cwd, objects)));
}

async function openOne(name: string, cwd: string, objects: GitObjects): Promise<Tree> {
  const folder = resolve(cwd, name);
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() && looksLikePath(name)) return openFolder(name, folder);
  const root = await findTree(name, objects);
  if (root !== undefined) return openObject(name, root, objects);
  if (found?.isDirectory()) return openFolder(name, folder);
  throw usageFault(
    `there is no version, tag, commit or folder "${name}"`,
    "git tag lists the versions of this history; tarbisect import makes one",
  );
}

/** Outside a repository there is no such tree either. */
async function findTree(name: string, objects: GitObjects): Promise<GitObject | undefined> {
  if (name === "" || name.startsWith("-")) return undefined;
  const candidates = [`refs/tags/v${name}`, `refs/tags/in-tree/${name}`, name];
  const found = await Promise.all(candidates.map((candidate) => objects.get(`${candidate}^{tree}`))).catch(
    () => [],
  );
  return found.find((object) => object?.type === "tree");
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

async function readAll(
  paths: readonly string[],
  contentOf: (path: string) => Promise<Buffer>,
): Promise<Map<string, Buffer>> {
  const contents = await Promise.all(paths.map(contentOf));
  return new Map(paths.map((path, at) => [path, contents[at]!]));
}

async function openFolder(label: string, folder: string): Promise<Tree> {
  const names = (await readdir(folder, { recursive: true })).sort();
  const contents = new Map<string, Buffer>();
  const files = new Map<string, TreeFile>();
  for (const path of names) {
    if (path === ".git" || path.startsWith(".git/")) continue;
    const info = await lstat(join(folder, path));
    if (!info.isFile() && !info.isSymbolicLink()) continue;
    const content = info.isFile()
      ? await readFile(join(folder, path))
      : Buffer.from(await readlink(join(folder, path)));
    contents.set(path, content);
    files.set(path, {
      id: blobId(content),
      mode: info.isSymbolicLink() ? "120000" : info.mode & 0o100 ? "100755" : "100644",
    });
  }
  const contentOf = (path: string): Promise<Buffer> =>
    Promise.resolve((fileIn(files, path, label), contents.get(path)!));
  return { label, files, contentOf, read: (paths) => readAll(paths, contentOf) };
}

function fileIn(files: ReadonlyMap<string, TreeFile>, path: string, label: string): TreeFile {
  const file = files.get(path);
  if (file === undefined) throw usageFault(`there is no file ${path} in ${label}`);
  return file;
}

/** Git's id of a blob with this content. */
export function blobId(content: Uint8Array): string {
  return createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
}
