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
  const planned = plannedEnds(log);
  if (planned !== undefined) return planned;
  const [bad = "bad", good = "good"] = (await readGitFile(repository, "BISECT_TERMS")).split("\n");
  const first = (term: string): string | undefined =>
    log
      .split("\n")
      .map((line) => /^# (\S+): \[([0-9a-f]{40,64})\]/.exec(line))
      .find((match) => match?.[1] === term)?.[2];
  return { good: first(good || "good"), bad: first(bad || "bad") };
}

/** tarbisect bisect notes its ends in git's log; inside a release they are those of the bisect that led there. */
function plannedEnds(log: string): BisectEnds | undefined {
  const line = [...log.matchAll(/^# tarbisect plan (\{.*\})$/gm)].at(-1)?.[1];
  if (line === undefined) return undefined;
  const plan = JSON.parse(line) as { good: string; bad: string; within?: { good: string; bad: string } };
  const { good, bad } = plan.within ?? plan;
  return { good, bad };
}

async function readGitFile(repository: string, name: string): Promise<string> {
  const path = await runChecked(["git", "rev-parse", "--git-path", name], { cwd: repository });
  return readFile(resolve(repository, path.toString().trim()), "utf8").catch(() => "");
}
