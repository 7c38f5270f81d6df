// A commit that changes no code is not tested again: split proves it by building, and says so in a trailer.
import { join } from "node:path";
import { runChecked } from "../host/run-command.js";
import { commitUnderTest } from "./commit-under-test.js";
import { readKeptTrials } from "./kept-trials.js";
import type { Verdict } from "./verdict.js";

export interface InheritedTrial {
  verdict: Verdict;
  /** What is checked out; `from` was tested. */
  version: string;
  commit: string;
  from: string;
  evidence: string;
}

/**
 * The verdict of the nearest commit before HEAD with the same code, by the same settings; undefined where HEAD has code
 * of its own, or none of those was tested.
 */
export async function inheritedTrial(
  cwd: string,
  { evidence, settings }: { evidence: string | undefined; settings: unknown },
): Promise<InheritedTrial | undefined> {
  const { repository, commit, version, ownFolder } = await commitUnderTest(cwd);
  const same = await sameBefore(repository, commit);
  if (same.length === 0) return undefined;
  const by = JSON.stringify(settings);
  const kept = (await readKeptTrials(evidence ?? join(ownFolder, "evidence"))).filter(
    (trial) => trial.verdict !== undefined && JSON.stringify(trial.settings) === by,
  );
  for (const from of same) {
    const trial = kept.findLast((one) => one.commit === from);
    if (trial?.verdict === undefined) continue;
    return { verdict: trial.verdict, version, commit, from, evidence: trial.folder };
  }
  return undefined;
}

/** The commits before this one whose code it has, the nearest first. */
async function sameBefore(cwd: string, commit: string): Promise<string[]> {
  const format = "%P%x00%(trailers:key=Tarbisect-Code,valueonly,separator=%x20)";
  const found: string[] = [];
  for (let at = commit; ;) {
    const told = await runChecked(["git", "show", "-s", `--format=${format}`, at], { cwd });
    const [parents = "", trailer = ""] = told.toString().trim().split("\0");
    const [parent] = parents.split(" ");
    if (trailer.trim() !== "same-as PARENT" || !parent) return found;
    found.push((at = parent));
  }
}
