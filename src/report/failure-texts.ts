import type { ReportFacts, SeenText } from "./assemble-report.js";
import { sameCommit } from "./count-trials.js";

/** What is known of the failure: the logs that the user named, then those of the trials that found it. */
export function failureTexts({
  traces,
  trials,
  culprit,
}: Pick<ReportFacts, "traces" | "trials" | "culprit">): SeenText[] {
  // The first bad commit's own trial says most of what it broke.
  const isCulprits = (commit: string): boolean => sameCommit(commit, culprit?.commit ?? "");
  const bad = trials
    .filter(({ trial }) => trial.verdict === "bad")
    .sort((a, b) => Number(isCulprits(b.trial.commit)) - Number(isCulprits(a.trial.commit)));
  return [...traces, ...bad.flatMap((record) => record.seen)];
}
