import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { heldTree, type Tree } from "./tree.js";

/** A folder's files and symlinks, but for .git; its other things (sockets, devices) are left out. */
export async function openFolder(label: string, folder: string): Promise<Tree> {
  const held: { path: string; mode: string; content: Buffer }[] = [];
  for (const path of (await readdir(folder, { recursive: true })).sort()) {
    if (path === ".git" || path.startsWith(".git/")) continue;
    const full = join(folder, path);
    const info = await lstat(full);
    if (info.isSymbolicLink())
      held.push({ path, mode: "120000", content: Buffer.from(await readlink(full)) });
    else if (info.isFile())
      held.push({ path, mode: info.mode & 0o100 ? "100755" : "100644", content: await readFile(full) });
  }
  return heldTree(label, held);
}
