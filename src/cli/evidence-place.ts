import { join, resolve } from "node:path";
import { usageFault } from "../fault/fault.js";
import { gitFolder } from "./read-bisect.js";

/** Where the trials of the repository at `cwd` are; usage fault outside of one, unless the user names a folder. */
export async function evidenceFolder(named: string | undefined, cwd: string): Promise<string> {
  if (named !== undefined) return resolve(cwd, named);
  const git = await gitFolder(cwd);
  if (git === undefined)
    throw usageFault(`${cwd} is in no git repository`, "cd into the one that tarbisect import made");
  return join(git, "..", ".tarbisect", "evidence");
}
