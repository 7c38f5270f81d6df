// One folder per trial, only ever added to; its verdict.json comes last, so a folder without one was cut short.
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { harnessFault, messageOf } from "../fault/fault.js";
import { writeFileAtomically } from "../host/write-file.js";
import type { CommitUnderTest } from "./commit-under-test.js";

/** Makes TRIALS/2026-11-25T13-04-05Z-v2.13.10-0123456789; a second trial in the same second gets a number. */
export async function newEvidenceFolder(trials: string, under: CommitUnderTest, now: Date): Promise<string> {
  const time = now.toISOString().replace(/\.\d+/, "").replaceAll(":", "-");
  const version = under.version.replace(/[^\w.+~-]/g, "-");
  const name = `${time}-v${version}-${under.commit.slice(0, 10)}`;
  try {
    await mkdir(trials, { recursive: true });
    if (trials.startsWith(under.ownFolder)) await hideFromGit(under.ownFolder);
    for (let number = 1; ; number++) {
      const folder = join(trials, number === 1 ? name : `${name}-${number}`);
      if (await tryMake(folder)) return folder;
    }
  } catch (cause) {
    throw harnessFault(`no evidence can be kept in ${trials}: ${messageOf(cause)}`, { cause });
  }
}

export async function writeRecord(folder: string, name: string, value: unknown): Promise<void> {
  try {
    await writeFileAtomically(join(folder, name), `${JSON.stringify(value, undefined, 2)}\n`);
  } catch (cause) {
    throw harnessFault(`${join(folder, name)} can't be written: ${messageOf(cause)}`, {
      cause,
      hint: "df -h",
    });
  }
}

/** The folder ignores itself: neither `git status` nor `git add` in the user's repository sees it. */
export async function hideFromGit(ownFolder: string): Promise<void> {
  await mkdir(ownFolder, { recursive: true });
  const ignore = join(ownFolder, ".gitignore");
  if (!existsSync(ignore)) await writeFile(ignore, "*\n");
}

async function tryMake(folder: string): Promise<boolean> {
  try {
    await mkdir(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}
