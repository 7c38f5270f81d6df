// A tree of files by whatever name the user has for it: a version, a tag, a commit, or a folder.
import { createHash } from "node:crypto";
import { lstat, readdir, readFile, readlink, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { harnessFault, usageFault } from "../fault/fault.js";
import { runChecked, runCommand } from "../host/run-command.js";

export interface TreeFile {
  /** Git's blob id (SHA-1 over the content): equal ids are equal content, wherever the tree came from. */
  id: string;
  /** As git writes it: 100644, 100755, 120000. */
  mode: string;
}

export interface Tree {
  /** How the user named it: "v2.13.10", "./i40e-2.13.10". */
  label: string;
  /** By path inside the tree, sorted. */
  files: ReadonlyMap<string, TreeFile>;
  /** The content of these paths, in one go. Throws a usage fault for a path that is not in the tree. */
  read(paths: readonly string[]): Promise<Map<string, Buffer>>;
}

/**
 * Opens a tree. An existing folder wins when the name looks like a path; otherwise `name`, `vNAME` and
 * `in-tree/NAME` are tried as revisions of the repository at `cwd`.
 */
export async function openTree(name: string, cwd: string): Promise<Tree> {
  const folder = resolve(cwd, name);
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() && looksLikePath(name)) return openFolder(name, folder);
  const commit = await resolveRevision(name, cwd);
  if (commit !== undefined) return openCommit(name, commit, cwd);
  if (found?.isDirectory()) return openFolder(name, folder);
  throw usageFault(
    `there is no version, tag, commit or folder "${name}"`,
    "git tag lists the versions of this history; tarbisect import makes one",
  );
}

/** The commit that a version, tag or other revision of the repository at `cwd` means. */
export async function resolveRevision(name: string, cwd: string): Promise<string | undefined> {
  if (name.startsWith("-")) return undefined;
  for (const candidate of [`refs/tags/v${name}`, `refs/tags/in-tree/${name}`, name]) {
    const { end, stdout } = await runCommand(
      ["git", "rev-parse", "--verify", "--quiet", "--end-of-options", `${candidate}^{commit}`],
      { cwd },
    );
    if (end.kind === "exited" && end.code === 0) return stdout.toString().trim();
  }
  return undefined;
}

function looksLikePath(name: string): boolean {
  return /^\.{0,2}\//.test(name) || name === "." || name === "..";
}

async function openCommit(label: string, commit: string, cwd: string): Promise<Tree> {
  const listing = await runChecked(["git", "ls-tree", "-r", "-z", "--full-tree", commit], { cwd });
  const files = new Map<string, TreeFile>();
  for (const line of listing.toString().split("\0")) {
    const match = /^(\d+) blob ([0-9a-f]+)\t(.*)$/s.exec(line);
    if (match) files.set(match[3]!, { id: match[2]!, mode: match[1]! });
  }
  return {
    label,
    files,
    read: async (paths) => {
      const contents = await readBlobs(
        paths.map((path) => fileIn(files, path, label).id),
        cwd,
      );
      return new Map(paths.map((path, at) => [path, contents[at]!]));
    },
  };
}

/** The content of blobs, in the order asked for, by one git process. */
async function readBlobs(ids: readonly string[], cwd: string): Promise<Buffer[]> {
  if (ids.length === 0) return [];
  const output = await runChecked(["git", "cat-file", "--batch"], {
    cwd,
    stdin: `${ids.join("\n")}\n`,
    keepBytes: Infinity,
  });
  let at = 0;
  return ids.map((id) => {
    const lineEnd = output.indexOf(10, at);
    const size = /^[0-9a-f]+ blob (\d+)$/.exec(output.toString("latin1", at, lineEnd))?.[1];
    if (size === undefined) throw harnessFault(`git cannot read the blob ${id}`, { hint: "git fsck" });
    at = lineEnd + 1 + Number(size) + 1;
    return output.subarray(lineEnd + 1, at - 1);
  });
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
  return {
    label,
    files,
    read: (paths) =>
      Promise.resolve(
        new Map(paths.map((path) => (fileIn(files, path, label), [path, contents.get(path)!]))),
      ),
  };
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
