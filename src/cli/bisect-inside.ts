// When a bisect has named a release, its change is cut into commits, the bisect goes on between them, and the culprit is
// checked: as `tarbisect split` and `tarbisect split check` do.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { GitBisect } from "../bisect/git-state.js";
import { beginInside, pairOf } from "../bisect/inside.js";
import { passesNeeded } from "../bisect/endpoints.js";
import type { View } from "../bisect/view.js";
import { writeFileAtomically } from "../host/write-file.js";
import { commitId } from "../split/read-tree.js";
import { quote } from "../target/remote-command.js";
import { splitRepository } from "../split/split-repository.js";
import type { BuildPlan } from "../split/verify/verify-repository.js";
import type { Call } from "./call.js";
import { planBuild, type Ends } from "./plan-build.js";
import { progressLine, renderSplit } from "./render-split.js";
import { runSplitCheck, type CheckReport } from "./run-split-check.js";
import type { Settings } from "./settings-shape.js";
import { weighCommits } from "./weigh-commits.js";
import { endsOf, sayingOf } from "./split-ends.js";

/** Cuts the release that was found and begins the bisect inside it; false where there is nothing to go into. */
export async function goInside(view: View, settings: Settings, call: Call): Promise<boolean> {
  const pair = pairOf(view);
  if (pair === undefined) return false;
  const [older, newer] = [view.line.commits[pair.older]!, view.line.commits[pair.newer]!];
  const branch = `split/${older.label}-to-${newer.label}`;
  call.note(`\ncutting the change from ${older.label} to ${newer.label} into small commits\n`);
  const ends = { old: older.commit, new: newer.commit };
  const { cwd: repository, signal } = call;
  const onProgress = progressLine(call.note);
  const around = await endsOf(repository, ends);
  const plan = await planOfBuild(view, { settings, around }, call);
  const saying = await sayingOf(settings.driver, around);
  const result = await splitRepository({ repository, ...ends, branch, plan, signal, onProgress, ...saying });
  call.note(renderSplit(result));
  const git = await GitBisect.open(call.cwd);
  const tip = await commitId(repository, `refs/heads/${branch}`);
  const evidence = settings.evidence ?? join(git.ownFolder, "evidence");
  const suspected = await weighCommits(
    view,
    { older: older.commit, newer: newer.commit, tip, evidence },
    call,
  );
  await git.alone(() => beginInside(git, view, { tip, suspected }));
  return true;
}

/** Each commit is built as the step builds releases: by the settings' own command, or by the catalog. */
async function planOfBuild(
  view: View,
  { settings, around }: { settings: Settings; around: Ends },
  call: Call,
): Promise<BuildPlan> {
  const { build, driver } = settings;
  const kernel = settings.kernel ?? view.trials.findLast((trial) => trial.kernel !== undefined)?.kernel;
  const command =
    build.run === undefined
      ? undefined
      : `export TARBISECT_SOURCE="$PWD" TARBISECT_KERNEL=${quote(kernel ?? "")}; ${build.run}`;
  const options = {
    ...(command !== undefined && { build: command }),
    ...(driver !== undefined && { driver }),
    ...(kernel !== undefined && { kernel }),
    cc: build.cc,
    buildTimeout: build.timeout,
  };
  return planBuild(options, around, call);
}

/** Tests the newer release without the culprit, or the fix, and the older one with it. */
export async function checkFound(
  view: View,
  config: string | undefined,
  call: Call,
): Promise<CheckReport | undefined> {
  const { next, flakiness, ends } = view.situation;
  const findFix = view.line.isReversed;
  if (view.plan.within === undefined || next.kind !== "found") return undefined;
  // A fix is the last good one on the way back to the bad end.
  const { commit } = view.line.commits[findFix ? next.index - 1 : next.index]!;
  const git = await GitBisect.open(call.cwd);
  // Kept, so that the same command does not make its trials again.
  const kept = join(git.ownFolder, `check-${commit.slice(0, 10)}.json`);
  const before = await readFile(kept, "utf8").catch(() => undefined);
  if (before !== undefined) return JSON.parse(before) as CheckReport;
  const times = String(flakiness === "none" ? 1 : passesNeeded(ends.bad, flakiness));
  const [older, newer] = findFix ? ["bad", "good"] : ["good", "bad"];
  call.note(`\nchecking: the ${newer} release without it, the ${older} one with it\n`);
  const settings = { times, findFix, ...(config !== undefined && { config }) };
  const report = await runSplitCheck(commit, settings, call);
  await writeFileAtomically(kept, `${JSON.stringify(report, undefined, 2)}\n`);
  return report;
}
