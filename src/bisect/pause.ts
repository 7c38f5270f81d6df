// A pause holds every bisect of a repository before its next trial, whoever drives it: a file in our own folder.
import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Fault } from "../fault/fault.js";
import { GitBisect } from "./git-state.js";
import { hideFromGit } from "../step/evidence-folder.js";

/** `ownFolder` is .tarbisect/ beside the repository's git folder. */
export async function pause(ownFolder: string): Promise<void> {
  await hideFromGit(ownFolder);
  await writeFile(flagOf(ownFolder), "");
}

/** Whether there was a pause to end. */
export async function endPause(ownFolder: string): Promise<boolean> {
  const was = isPaused(ownFolder);
  await rm(flagOf(ownFolder), { force: true });
  return was;
}

export function isPaused(ownFolder: string): boolean {
  return existsSync(flagOf(ownFolder));
}

/** Throws the fault "paused" while a pause holds. */
export function expectNoPause(ownFolder: string): void {
  if (!isPaused(ownFolder)) return;
  throw new Fault("paused", "the bisect is paused", { hint: "tarbisect resume" });
}

/** The same for a folder inside a repository. */
export async function expectNoPauseAt(cwd: string): Promise<void> {
  expectNoPause((await GitBisect.open(cwd)).ownFolder);
}

function flagOf(ownFolder: string): string {
  return join(ownFolder, "paused");
}
