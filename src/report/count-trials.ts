// How often a commit was tested, and with which verdict.
import type { Endpoint, Report } from "./report-shape.js";

export function testsOf(commit: string | undefined, trials: Report["trials"]): Endpoint["tested"] {
  const count = (verdict: string): number => countTrials(trials, commit, verdict);
  return { good: count("good"), bad: count("bad"), skip: count("skip") };
}

export function countTrials(trials: Report["trials"], commit: string | undefined, verdict: string): number {
  if (commit === undefined) return 0;
  return trials.filter((trial) => trial.verdict === verdict && sameCommit(trial.commit, commit)).length;
}

/** One of them may be shortened. */
export function sameCommit(a: string, b: string): boolean {
  return a !== "" && b !== "" && (a.startsWith(b) || b.startsWith(a));
}
