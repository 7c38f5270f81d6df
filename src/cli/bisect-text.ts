// What a bisect says: before, between and after its trials.
import type { Ended } from "../bisect/crew.js";
import type { Estimate } from "../bisect/estimate.js";
import type { TrialLine } from "../bisect/own-lines.js";
import { credibleSet } from "../bisect/posterior.js";
import type { Problem } from "../bisect/situation.js";
import type { View } from "../bisect/view.js";
import { verdictWord } from "./step-text.js";

/** Before the first trial of a call: what lies ahead. */
export function aheadText(view: View, rest: Estimate): string {
  const { line, situation } = view;
  const count = line.commits.length;
  const [good, bad] = [nameAt(view, 0), nameAt(view, count - 1)];
  const what = line.isReversed ? `the fix between ${bad} and ${good}` : `the bug between ${good} and ${bad}`;
  return `looking for ${what}: ${count - 2} commits in between\n${priorText(view)}${situation.next.kind === "test" ? restText(rest) : ""}`;
}

/** Whom the search suspects before any trial, where it goes by chances. */
function priorText({ prior, situation }: View): string {
  if (prior === undefined || situation.flakiness === "none") return "";
  const most = Math.max(...prior.factors.map(({ factor }) => factor));
  return (
    `weighed by the suspects of the trace, ${most}:1 at most: ${prior.by.join(", ")} ` +
    `(${count(prior.factors.length, "commit", "commits")} above 1)\n`
  );
}

/** The trial that begins. */
export function beginsText(view: View, index: number, target: string | undefined): string {
  const { ends, next } = view.situation;
  const why =
    next.kind === "test" && next.why === "bad-end"
      ? `the bad end: ${ends.bad.failures} of ${view.plan.failures} failures so far`
      : next.kind === "test" && next.why === "good-end"
        ? `the good end: ${count(ends.good.passes, "pass", "passes")} so far`
        : `a candidate: bad with a chance of ${percent(chanceBad(view, index))}`;
  const where = target === undefined ? `trial ${view.trials.length + 1}` : `on ${target}`;
  return `\n${where}: ${nameAt(view, index)} (${why})\n`;
}

/** A trial without a verdict. */
export function failedText(ended: Extract<Ended, { kind: "failed" | "left-out" }>, isAlone: boolean): string {
  const { fault, target } = ended;
  const where = isAlone ? "" : ` on ${target}`;
  const told = `no verdict${where}: ${fault.message}\n`;
  if (ended.kind === "failed") return `${told}the next try${where} is in ${ended.waitMs / 1000} s\n`;
  // Alone, the same words are the command's own last ones.
  if (isAlone) return "";
  const hint = fault.hint === undefined ? "" : `hint: ${fault.hint}\n`;
  return `${told}${hint}${target} is left out until the command is given again\n`;
}

/** What holds the next trial. */
export function waitsText(view: View, index: number): string {
  return `waiting for the module of ${nameAt(view, index)}, which is being built\n`;
}

/** A release that need not be tested. */
export function inheritsText({ line }: View, commits: readonly [string, string]): string {
  const [tested, same] = commits.map((id) => line.commits.find(({ commit }) => commit === id)?.label ?? id);
  return `${same} has the code of ${tested}: it is not tested again\n`;
}

/** The trial that ended, and what is left. */
export function endedText(trial: TrialLine & { index: number }, view: View, rest: Estimate): string {
  const said = trial.detail === undefined ? "" : `: ${trial.detail}`;
  const word = verdictWord(trial.verdict, trial.cause);
  const next = view.situation.next.kind === "test" ? restText(rest) : "";
  return `${nameAt(view, trial.index)} ${word}${said} (${minutesText(trial.minutes)})\n${candidatesText(view)}${next}`;
}

function restText({ trials, minutes }: Estimate): string {
  const time = minutes === undefined ? "how long shows after the first" : `about ${minutesText(minutes)}`;
  return `about ${count(trials, "trial", "trials")} left, ${time}\n`;
}

/** What is known now, in a few lines: the answer, or how far the search is. */
export function knownText(view: View): string {
  const { situation, trials } = view;
  const minutes = trials.reduce((sum, trial) => sum + trial.minutes, 0);
  const spent = `${count(trials.length, "trial", "trials")}, ${minutesText(minutes)}`;
  return [answerText(view), endsText(view), untestableText(view), `${spent}; git bisect log has them`, ""]
    .filter((text, at, all) => text !== "" || at === all.length - 1)
    .join("\n")
    .concat(situation.next.kind === "stuck" ? `hint: ${problems[situation.next.problem].hint}\n` : "");
}

function answerText(view: View): string {
  const { next } = view.situation;
  switch (next.kind) {
    case "found": {
      const { index, probability } = next;
      const what = view.line.isReversed
        ? `${fullName(view, index - 1)} is the first good one again`
        : `${fullName(view, index)} is the first bad one`;
      return `${what}: ${percent(probability)} sure`;
    }
    case "narrowed":
      return `it came with one of ${next.candidates.map((index) => nameAt(view, index)).join(", ")}: ${percent(view.plan.confidence)} sure`;
    case "stuck":
      return problems[next.problem].says(nameAt(view, 0), nameAt(view, view.line.commits.length - 1));
    case "test":
      return `next: ${nameAt(view, next.index)}\n${candidatesText(view)}`.trimEnd();
  }
}

function candidatesText(view: View): string {
  const { situation, plan } = view;
  if (situation.probabilities.length === 0) return "";
  const set = credibleSet(situation.probabilities, plan.confidence);
  const [first, last] = [Math.min(...set), Math.max(...set)];
  const names = first === last ? nameAt(view, first) : `${nameAt(view, first)} to ${nameAt(view, last)}`;
  return `${count(set.length, "candidate", "candidates")} left: ${names}\n`;
}

function endsText(view: View): string {
  const { bad, good } = view.situation.ends;
  const last = view.line.commits.length - 1;
  const tries = bad.failures + bad.passes;
  if (tries === 0) return "";
  const minutes = view.trials
    .filter(({ index, verdict }) => index === last && verdict === "bad")
    .map((trial) => trial.minutes);
  const range = [...new Set([Math.min(...minutes), Math.max(...minutes)].map(minutesText))].join(" to ");
  const after = minutes.length === 0 ? "" : ` after ${range}`;
  const passes = `${nameAt(view, 0)} passed ${good.passes} of ${good.passes + good.failures}`;
  return `${nameAt(view, last)} failed in ${bad.failures} of ${count(tries, "trial", "trials")}${after}; ${passes}`;
}

function untestableText(view: View): string {
  const names = [...view.situation.untestable].sort((a, b) => a - b).map((index) => nameAt(view, index));
  return names.length === 0 ? "" : `can't be tested: ${names.join(", ")}`;
}

interface ProblemText {
  says: (good: string, bad: string) => string;
  hint: string;
}

const alike = "more load, amplify: true, or a longer stress may tell them apart";

const problems = {
  "bad-end-passes": { says: (_, bad) => `${bad} never failed`, hint: alike },
  "bad-end-flaky": {
    says: (_, bad) => `${bad} passed in a trial, and no verdict may be wrong`,
    hint: "--flaky one-sided repeats what passes",
  },
  "good-end-fails": {
    says: (good) => `${good}, the good end, failed`,
    hint: "an older good release; or --flaky two-sided, where something else may fail as well",
  },
  "ends-alike": { says: (good, bad) => `${good} and ${bad} can't be told apart`, hint: alike },
  "good-end-untestable": {
    says: (good) => `${good}, the good end, can't be tested`,
    hint: "another good release, or a fixup that makes it build",
  },
  "bad-end-untestable": {
    says: (_, bad) => `${bad}, the bad end, can't be tested`,
    hint: "another bad release, or a fixup that makes it build",
  },
  contradiction: {
    says: () => "the marks and the trials can't all be true",
    hint: "git bisect log shows them; tarbisect back takes the last trial back",
  },
} as const satisfies Record<Problem, ProblemText>;

function chanceBad(view: View, index: number): number {
  const chance = view.situation.probabilities.slice(0, index + 1).reduce((a, b) => a + b, 0);
  return Math.min(1, chance);
}

function nameAt({ line }: View, index: number): string {
  return line.commits[index]!.label;
}

function fullName({ line }: View, index: number): string {
  const { label, subject, commit } = line.commits[index]!;
  return label.startsWith("v") ? `${label} (${commit.slice(0, 10)})` : `${label} (${subject})`;
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

function percent(share: number): string {
  return share > 0.999 && share < 1
    ? "over 99.9 %"
    : `${(share * 100).toFixed(share > 0.99 && share < 1 ? 1 : 0)} %`;
}

function minutesText(minutes: number): string {
  if (minutes < 1) return `${Math.round(minutes * 60)} s`;
  if (minutes < 90) return `${minutes.toFixed(minutes < 10 ? 1 : 0)} min`;
  return `${(minutes / 60).toFixed(1)} h`;
}
