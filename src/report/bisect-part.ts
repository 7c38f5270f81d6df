// What git's bisect log says, as the report's part on the bisect and its culprit.
import type { BisectLog } from "../bisect/git-log.js";
import type { BisectFacts, CulpritFacts } from "./assemble-report.js";
import { countTrials, sameCommit } from "./count-trials.js";
import type { Report } from "./report-shape.js";

export function bisectOf({ source, log, candidates, labelOf }: BisectFacts): Report["bisect"] {
  const labels = (marks: readonly { commit: string }[]): string[] =>
    marks.map(({ commit }) => labelOf(commit));
  return { source, good: labels(log.good), bad: labels(log.bad), skipped: labels(log.skipped), candidates };
}

export function subjectOf(log: BisectLog, commit: string): string | undefined {
  return [...log.good, ...log.bad, ...log.skipped].find((mark) => sameCommit(mark.commit, commit))?.subject;
}

export function markOf(
  commit: string,
  bisect: BisectFacts | undefined,
): { mark?: "good" | "bad" | "skip" | "first bad" } {
  if (bisect === undefined) return {};
  const { good, bad, skipped, firstBad } = bisect.log;
  const has = (marks: readonly { commit: string }[]): boolean =>
    marks.some((one) => sameCommit(one.commit, commit));
  if (firstBad !== undefined && sameCommit(firstBad.commit, commit)) return { mark: "first bad" };
  if (has(bad)) return { mark: "bad" };
  if (has(good)) return { mark: "good" };
  return has(skipped) ? { mark: "skip" } : {};
}

export function culpritOf(culprit: CulpritFacts, trials: Report["trials"]): Report["culprit"] {
  const lines = culprit.diff.split("\n");
  const count = (sign: string): number =>
    lines.filter((line) => line.startsWith(sign) && !line.startsWith(sign.repeat(3))).length;
  return {
    commit: culprit.commit,
    label: culprit.label,
    subject: culprit.subject,
    linesAdded: count("+"),
    linesRemoved: count("-"),
    parentGood: countTrials(trials, culprit.parent, "good"),
    bad: countTrials(trials, culprit.commit, "bad"),
    source: `git diff ${culprit.parent.slice(0, 12)} ${culprit.commit.slice(0, 12)}`,
  };
}
