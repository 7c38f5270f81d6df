import { runChecked, runCommand } from "../host/run-command.js";
import { commitId } from "../split/read-tree.js";
import type { SplitRequest } from "../split/split-repository.js";
import { topicMatcher } from "../changes/topics.js";
import type { Ends } from "./plan-build.js";
import { topicsOfTree } from "./topics-of-tree.js";

/** What a build must know of the two commits that are split. */
export async function endsOf(cwd: string, { old, new: now }: { old: string; new: string }): Promise<Ends> {
  const [first, last] = [await commitId(cwd, old), await commitId(cwd, now)];
  const names = await runChecked(["git", "ls-tree", "-r", "-z", "--name-only", last], { cwd });
  return {
    versions: [await versionOf(cwd, first), await versionOf(cwd, last)].filter((version) => version !== ""),
    paths: names.toString("latin1").split("\0").filter(Boolean),
  };
}

/** What each commit's message says of its place: the releases that it lies between, the topics of what it changes. */
export async function sayingOf(
  driver: string | undefined,
  ends: Ends,
): Promise<Pick<SplitRequest, "releases" | "topicOf">> {
  return { releases: ends.versions, topicOf: topicMatcher(await topicsOfTree(driver, ends.paths)) };
}

/** The version of the release that a commit is, or that leads to it; "" where no tag does. */
async function versionOf(cwd: string, commit: string): Promise<string> {
  const argv = ["git", "describe", "--tags", "--abbrev=0", "--match", "v[0-9]*", commit];
  const run = await runCommand(argv, { cwd, timeoutMs: 60_000 });
  return run.stdout
    .toString()
    .trim()
    .replace(/^v(?=\d)/, "");
}
