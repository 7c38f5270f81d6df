// Where one split keeps what it built, beside the repository's git folder: named by all that a build depends on.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { runChecked } from "../../host/run-command.js";
import { writeFileAtomically } from "../../host/write-file.js";

/** .tarbisect/split/KEY of a repository, made when missing, without what killed runs left in it. */
export async function splitFolder(repository: string, key: readonly string[]): Promise<string> {
  const own = await ownFolder(repository);
  const id = createHash("sha256").update(JSON.stringify(key)).digest("hex").slice(0, 16);
  const folder = join(own, "split", id);
  await mkdir(folder, { recursive: true });
  if (!existsSync(join(own, ".gitignore"))) await writeFileAtomically(join(own, ".gitignore"), "*\n");
  await removeDeadWork(folder);
  return folder;
}

/** The file that says who splits in a repository; who only plans waits for nobody's builds. */
export async function lockPath(repository: string, { isBuilt }: { isBuilt: boolean }): Promise<string> {
  return join(await ownFolder(repository), "split", isBuilt ? "lock" : "plan-lock");
}

/** Takes away what a finished split needs no more: its outcomes stay, so that the same command builds nothing again. */
export async function dropObjects(stateFolder: string): Promise<void> {
  for (const name of ["objects", "modules"])
    await rm(join(stateFolder, name), { recursive: true, force: true });
}

async function ownFolder(repository: string): Promise<string> {
  const common = await runChecked(["git", "rev-parse", "--git-common-dir"], { cwd: repository });
  return join(resolve(repository, common.toString().trim()), "..", ".tarbisect");
}

/** A new folder to build in; the process's id tells later runs whether it is still in use. */
export async function newWorkFolder(stateFolder: string, name: string): Promise<string> {
  // Not beside the repository: kbuild can't build in a folder with a blank in its path.
  const path = join(tmpdir(), `${workPrefix(stateFolder)}${process.pid}-${name}`);
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { mode: 0o700 });
  return path;
}

/** Takes away what this process built in. */
export async function removeWork(stateFolder: string): Promise<void> {
  await removeWhere(stateFolder, (pid) => pid === process.pid);
}

async function removeDeadWork(stateFolder: string): Promise<void> {
  await removeWhere(stateFolder, (pid) => !existsSync(`/proc/${pid}`));
}

async function removeWhere(stateFolder: string, isGone: (pid: number) => boolean): Promise<void> {
  const prefix = workPrefix(stateFolder);
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(prefix) || !isGone(parseInt(name.slice(prefix.length)))) continue;
    await rm(join(tmpdir(), name), { recursive: true, force: true, maxRetries: 3 });
  }
}

function workPrefix(stateFolder: string): string {
  return `tarbisect-split-${basename(stateFolder)}-`;
}
