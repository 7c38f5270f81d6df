import { existsSync, mkdirSync } from "node:fs";
import { readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { usageFault } from "../fault/fault.js";
import { runChecked, runCommand } from "../host/run-command.js";
import { releasesLine, type HistoryLine } from "./release-commit.js";

/** A release that the history already has. */
export interface ExistingRelease {
  version: string;
  commit: string;
  tree: string;
  /** Seconds since 1970. */
  time: number;
  message: string;
  /** Of the archive (in-tree: of the files) it came from; undefined for a commit that is none of ours. */
  sha256: string | undefined;
}

// What a release's own .gitattributes would do to a checkout (line ends, $Id$, filters): files stay as they are.
const NO_ATTRIBUTES = "* -text -ident !eol !filter !working-tree-encoding\n";

/** Whether `folder` is a git repository of its own; one that holds other things, or a file, is a usage fault. */
export async function isRepository(folder: string): Promise<boolean> {
  const there = await stat(folder).catch(() => undefined);
  if (there && !there.isDirectory())
    throw usageFault(`${folder} is no folder`, "give another place with --into");
  const git = await stat(join(folder, ".git")).catch(() => undefined);
  if (git && !git.isDirectory())
    throw usageFault(
      `the folder ${folder} is a linked work tree or a submodule`,
      "import into the repository that it belongs to",
    );
  // Without HEAD it is what a killed import left.
  if (git && existsSync(join(folder, ".git", "HEAD"))) return true;
  const names = await readdir(folder).catch(() => []);
  if (names.some((name) => name !== ".git"))
    throw usageFault(
      `the folder ${folder} exists and is no git repository`,
      "give another place with --into",
    );
  return false;
}

/** Makes a repository with an unborn branch of releases, unless `folder` is one; its .git is there at once. */
export async function makeRepository(folder: string): Promise<void> {
  mkdirSync(join(folder, ".git", "info"), { recursive: true });
  await writeFile(join(folder, ".git", "info", "attributes"), NO_ATTRIBUTES);
  await runChecked(["git", "init", "-q", "-b", releasesLine.branch, folder]);
}

/** The releases on the branch, oldest first. */
export async function readExisting(folder: string, line: HistoryLine): Promise<ExistingRelease[]> {
  const ref = `refs/heads/${line.branch}`;
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
      sha256: /^(?:Tarball|Files)-Sha256: ([0-9a-f]{64})$/m.exec(message)?.[1],
    });
  }
  return releases;
}

/** Whether a bisect is under way in the repository. */
export function isBisecting(folder: string): boolean {
  return existsSync(join(folder, ".git", "BISECT_START"));
}
