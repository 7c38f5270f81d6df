// A commit's tree as plain files, byte for byte: git archive and checkout would let a .gitattributes that a vendor
// shipped drop or rewrite files.
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { harnessFault } from "../fault/fault.js";
import { runChecked } from "../host/run-command.js";

interface TreeEntry {
  mode: string;
  object: string;
  path: string;
}

/** Writes the commit's files below `folder`, which must be new and empty. */
export async function copyTree(repository: string, commit: string, folder: string): Promise<void> {
  const listing = await runChecked(["git", "ls-tree", "-r", "-z", "--full-tree", commit], {
    cwd: repository,
  });
  const entries = parseListing(listing.toString("latin1"));
  const stdin = entries.map(({ object }) => `${object}\n`).join("");
  const blobs = splitBatch(await runChecked(["git", "cat-file", "--batch"], { cwd: repository, stdin }));
  const links: [TreeEntry, Buffer][] = [];
  for (const [index, entry] of entries.entries()) {
    const blob = blobs[index];
    if (blob === undefined)
      throw harnessFault(`git gave ${blobs.length} of ${entries.length} files of ${commit}`);
    if (entry.mode === "120000") links.push([entry, blob]);
    else await writeEntry(folder, entry, blob);
  }
  // Last, so that no file is written through a link.
  for (const [entry, target] of links) await writeEntry(folder, entry, target);
}

async function writeEntry(folder: string, { mode, path }: TreeEntry, content: Buffer): Promise<void> {
  const below = (name: string): Buffer =>
    Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name, "latin1")]);
  await mkdir(below(dirname(path)), { recursive: true });
  if (mode === "120000") return symlink(content, below(path));
  await writeFile(below(path), content, { flag: "wx", mode: mode === "100755" ? 0o755 : 0o644 });
}

/** Paths as latin1, so that names that are not UTF-8 stay what they are. */
function parseListing(listing: string): TreeEntry[] {
  return listing
    .split("\0")
    .filter((line) => line !== "")
    .flatMap((line) => {
      const [, mode, type, object, path] = /^(\d+) (\w+) ([0-9a-f]+)\t(.*)$/s.exec(line) ?? [];
      if (!mode || !object || !path) throw harnessFault(`git ls-tree said ${line}`);
      if (path.startsWith("/") || path.split("/").includes(".."))
        throw harnessFault(`the commit holds the path ${path}, which leads out of its tree`);
      return type === "blob" ? [{ mode, object, path }] : [];
    });
}

/** The contents in `git cat-file --batch` output: "<id> <type> <size>\n<content>\n" each. */
function splitBatch(output: Buffer): Buffer[] {
  const blobs: Buffer[] = [];
  for (let at = 0; at < output.length;) {
    const lineEnd = output.indexOf(0x0a, at);
    const [, type, size] = output.toString("latin1", at, lineEnd).split(" ");
    if (type !== "blob" || size === undefined)
      throw harnessFault(`git lacks a file of the commit: ${output.toString("latin1", at, lineEnd)}`);
    const start = lineEnd + 1;
    at = start + Number(size) + 1;
    blobs.push(output.subarray(start, at - 1));
  }
  return blobs;
}
