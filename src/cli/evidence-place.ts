import { join, resolve } from "node:path";
import { usageFault } from "../fault/fault.js";
import type { Call } from "./call.js";
import { findSettings } from "./find-settings.js";
import { gitFolder } from "./read-bisect.js";

type Where = Pick<Call, "cwd" | "env">;

/**
 * Where the trials of the repository at `cwd` are, as a step would decide: the flag, the variable, `evidence` in
 * tarbisect.yaml, else .tarbisect/evidence beside git's folder. undefined when none is chosen and there is no repository.
 */
export async function evidenceFolder(named: string | undefined, where: Where): Promise<string | undefined> {
  const chosen = await chosenFolder(named, where);
  if (chosen !== undefined) return chosen;
  const git = await gitFolder(where.cwd);
  return git === undefined ? undefined : besideGit(git);
}

/** The same; usage fault outside of a repository, chosen or not. */
export async function evidenceOfRepository(named: string | undefined, where: Where): Promise<string> {
  const git = await gitFolder(where.cwd);
  if (git === undefined)
    throw usageFault(`${where.cwd} is in no git repository`, "cd into the one that tarbisect import made");
  return (await chosenFolder(named, where)) ?? besideGit(git);
}

async function chosenFolder(named: string | undefined, { cwd, env }: Where): Promise<string | undefined> {
  const chosen = named ?? (env.TARBISECT_EVIDENCE || undefined);
  if (chosen !== undefined) return resolve(cwd, chosen);
  if (findSettings(cwd) === undefined) return undefined;
  const { readSettings } = await import("./settings.js");
  return readSettings({ cwd, env, flags: {} }).settings.evidence;
}

function besideGit(git: string): string {
  return join(git, "..", ".tarbisect", "evidence");
}
