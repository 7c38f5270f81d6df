import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { runChecked } from "../host/run-command.js";

/** The ends that a bisect was started with, as commits. */
export interface BisectEnds {
  good: string | undefined;
  bad: string | undefined;
}

/** Of the bisect under way, from git's own log and its words for good and bad; neither without one. */
export async function bisectEnds(repository: string): Promise<BisectEnds> {
  const log = await readGitFile(repository, "BISECT_LOG");
  const [bad = "bad", good = "good"] = (await readGitFile(repository, "BISECT_TERMS")).split("\n");
  const first = (term: string): string | undefined =>
    log
      .split("\n")
      .map((line) => /^# (\S+): \[([0-9a-f]{40,64})\]/.exec(line))
      .find((match) => match?.[1] === term)?.[2];
  return { good: first(good || "good"), bad: first(bad || "bad") };
}

async function readGitFile(repository: string, name: string): Promise<string> {
  const path = await runChecked(["git", "rev-parse", "--git-path", name], { cwd: repository });
  return readFile(resolve(repository, path.toString().trim()), "utf8").catch(() => "");
}
