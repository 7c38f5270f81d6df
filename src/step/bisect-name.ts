import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { runChecked } from "../host/run-command.js";

/** Names the bisect that is under way by how it was started; "none" without one. */
export async function bisectName(repository: string): Promise<string> {
  const path = await runChecked(["git", "rev-parse", "--git-path", "BISECT_LOG"], { cwd: repository });
  const log = await readFile(resolve(repository, path.toString().trim()), "utf8").catch(() => "");
  return /^git bisect start.*$/m.exec(log)?.[0] ?? "none";
}
