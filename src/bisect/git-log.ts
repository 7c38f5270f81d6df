/** What `git bisect log` says was decided; commits are full ids as git wrote them. */
export interface BisectLog {
  good: BisectMark[];
  bad: BisectMark[];
  skipped: BisectMark[];
  /** All of them in the order they were made. */
  steps: { commit: string; kind: "good" | "bad" | "skip" }[];
  /** Only when git has come to its answer. */
  firstBad: BisectMark | undefined;
}

export interface BisectMark {
  commit: string;
  subject: string;
}

/**
 * Reads git's bisect log: its "# TERM: [commit] subject" lines (git-bisect(1)); the words for good and bad may be the
 * user's own. undefined when the text is no such log.
 */
export function parseBisectLog(
  text: string,
  terms: { good: string; bad: string } = { good: "good", bad: "bad" },
): BisectLog | undefined {
  const log: BisectLog = { good: [], bad: [], skipped: [], steps: [], firstBad: undefined };
  for (const line of text.split("\n")) {
    const match = /^# (.+): \[([0-9a-f]{7,64})\] ?(.*)$/.exec(line);
    if (match === null) continue;
    const [, word, commit, subject] = match as unknown as [string, string, string, string];
    const mark = { commit, subject };
    const kind =
      word === terms.good ? "good" : word === terms.bad ? "bad" : word === "skip" ? word : undefined;
    if (kind !== undefined) {
      log[kind === "skip" ? "skipped" : kind].push(mark);
      log.steps.push({ commit, kind });
    } else if (word === `first ${terms.bad} commit`) log.firstBad = mark;
  }
  return log.good.length + log.bad.length + log.skipped.length === 0 ? undefined : log;
}
