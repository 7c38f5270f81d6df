import type { SplitResult } from "../split/split-repository.js";

/** The split in a few lines: how many commits, how large, and how to go on. */
export function renderSplit(result: SplitResult): string {
  const { lines, built } = result;
  const next = `git bisect start ${result.branch} ${result.old} && git bisect run tarbisect step`;
  return [
    `${result.branch}: ${result.commits.length} commits, ${lines.total} lines`,
    `lines per commit: median ${lines.median}, 90th percentile ${lines.p90}, largest ${lines.largest}`,
    built,
    `next: ${next}`,
    "",
  ].join("\n");
}
