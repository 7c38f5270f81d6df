import { existsSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { usageFault } from "../fault/fault.js";
import { runChecked, runCommand } from "../host/run-command.js";
import { releasesBranch } from "./release-commit.js";

/** A release that the history already has. */
export interface ExistingRelease {
  version: string;
  commit: string;
  tree: string;
  /** Seconds since 1970. */
  time: number;
  message: string;
  /** Of the archive it came from; undefined for a commit that is none of ours. */
  sha256: string | undefined;
}

/** Makes `folder` a repository with an unborn branch of releases, unless it is one already. */
export async function ensureRepository(folder: string): Promise<void> {
  if (existsSync(join(folder, ".git"))) return;
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0)
    throw usageFault(
      `the folder ${folder} exists and is no git repository`,
      "give another place with --into",
    );
  await runChecked(["git", "init", "-q", "-b", releasesBranch, folder]);
}

/** The releases on the branch, oldest first. */
export async function readExisting(folder: string): Promise<ExistingRelease[]> {
  const ref = `refs/heads/${releasesBranch}`;
  const { end, stdout } = await runCommand(
    ["git", "log", "--first-parent", "--reverse", "--format=%H%x00%T%x00%ct%x00%B%x00", ref, "--"],
    { cwd: folder },
  );
  if (end.kind !== "exited" || end.code !== 0) return [];
  const fields = stdout.toString().split("\0");
  const releases: ExistingRelease[] = [];
  for (let at = 0; at + 3 < fields.length; at += 4) {
    const message = fields[at + 3]!;
    releases.push({
      commit: fields[at]!.trim(),
      tree: fields[at + 1]!,
      time: Number(fields[at + 2]),
      message,
      version: /^\S+ (\S+)$/m.exec(message)?.[1] ?? "",
      sha256: /^Tarball-Sha256: ([0-9a-f]{64})$/m.exec(message)?.[1],
    });
  }
  return releases;
}

/** Whether a bisect is under way in the repository. */
export function isBisecting(folder: string): boolean {
  return existsSync(join(folder, ".git", "BISECT_START"));
}
