// What a release's trace says of the commits that split made of it: which of them change what a suspect is made of.
import type { Suspected } from "../bisect/inside.js";
import type { View } from "../bisect/view.js";
import { openTrees } from "../history/trees.js";
import { runChecked } from "../host/run-command.js";
import { readTrial } from "../report/trial-record.js";
import { buildCallGraph } from "../suspects/call-graph.js";
import { commitFactors } from "../suspects/commit-factors.js";
import { findSuspects } from "../suspects/rank-suspects.js";
import type { Call } from "./call.js";
import { codeOf, compareReleases } from "./compare-releases.js";
import { readEvidenceFolders } from "./read-trials.js";
import { SourceIndex } from "./source-index.js";

/** The commits after `older` up to `tip`; nothing where the bad releases' trials left no trace of a changed function. */
export async function weighCommits(
  view: View,
  { older, newer, tip, evidence }: { older: string; newer: string; tip: string; evidence: string },
  call: Call,
): Promise<Suspected | undefined> {
  const bad = new Set(
    view.trials.filter(({ verdict }) => verdict === "bad").map(({ commit }) => commit.slice(0, 10)),
  );
  const trials = (await readEvidenceFolders(evidence, call.cwd)).flatMap((folder) => readTrial(folder) ?? []);
  const traces = trials
    .filter(({ trial }) => trial.verdict === "bad" && bad.has(trial.commit.slice(0, 10)))
    .flatMap(({ seen }) => seen.filter((text) => text.evidence.events !== undefined));
  if (traces.length === 0) return undefined;
  const index = new SourceIndex(call.env);
  // What failed is the newer release, or the older one where the fix is looked for.
  const [from, to] = view.line.isReversed ? [newer, older] : [older, newer];
  const [good, failed] = await openTrees([from, to], call.cwd);
  const { suspects, sighted } = findSuspects({
    changes: await compareReleases(good!, failed!, index),
    graph: buildCallGraph(await codeOf(failed!, index)),
    traces,
  });
  if (sighted === 0 || suspects.length === 0) return undefined;
  const list = ["git", "rev-list", "--first-parent", "--reverse", `${older}..${tip}`];
  const commits = (await runChecked(list, { cwd: call.cwd })).toString().trim().split("\n");
  const trees = await openTrees([older, ...commits], call.cwd);
  const changed: { name: string; file: string }[][] = [];
  for (const [at, tree] of trees.slice(1).entries()) {
    const { units } = await compareReleases(trees[at]!, tree, index);
    changed.push(units.filter(({ kind }) => kind === "function"));
  }
  index.save();
  const factors = commitFactors(suspects, changed);
  return {
    factors: commits.flatMap((commit, at) => (factors[at]! > 1 ? [{ commit, factor: factors[at]! }] : [])),
    by: suspects.slice(0, 3).map(({ name }) => name),
  };
}
