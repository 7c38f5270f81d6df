// Facts from evidence, git and the changes to the one value that every face shows.
import type { ChangeSet, UnitChange } from "../changes/change-set.js";
import { groupChanges } from "../changes/group-changes.js";
import type { Evidence } from "../evidence/read-evidence.js";
import type { Suspect } from "../suspects/rank-suspects.js";
import type { BisectLog } from "../bisect/git-log.js";
import { environmentOfTexts, firmwareWarnings, once } from "./environment-facts.js";
import { partialPatch } from "./partial-patch.js";
import type { Endpoint, Report } from "./report-shape.js";
import { readTrace } from "./trace-excerpt.js";
import type { TrialRecord } from "./trial-record.js";

/** A file that was read, with what it holds. */
export interface SeenText {
  source: string;
  text: string;
  evidence: Evidence;
}

export interface BisectFacts {
  source: string;
  log: BisectLog;
  /** Commits that may still be the first bad one. */
  candidates: number;
  /** A commit's tag or its short id. */
  labelOf: (commit: string) => string;
}

export interface CulpritFacts {
  commit: string;
  parent: string;
  label: string;
  subject: string;
  /** `git diff PARENT COMMIT`. */
  diff: string;
}

export interface ReportFacts {
  tool: string;
  now: Date;
  driver: string | undefined;
  module: string | undefined;
  old: Omit<Endpoint, "tested">;
  new: Omit<Endpoint, "tested">;
  fixed: Omit<Endpoint, "tested"> | undefined;
  changes: ChangeSet;
  /** The old tree's text of each file that changed. */
  oldFiles: ReadonlyMap<string, string>;
  suspects: readonly Suspect[];
  /** The logs that the user named. */
  traces: readonly SeenText[];
  trials: readonly TrialRecord[];
  bisect: BisectFacts | undefined;
  culprit: CulpritFacts | undefined;
  /** The commits between the two ends, oldest first. */
  timeline: readonly { commit: string; label: string; subject: string; isRelease: boolean }[];
  reproduce: readonly string[];
}

const mostSuspects = 20;
const patchLines = 120;
/** A suspect that is so many factors of two less likely than the first is not in the patch. */
const farBehind = 4;
const culpritLines = 300;

export function assembleReport(facts: ReportFacts): Report {
  const { bisect, culprit, module, changes } = facts;
  const trials = facts.trials
    .map(({ trial }) => trial)
    .sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1))
    .map((trial) => {
      const subject = bisect === undefined ? undefined : subjectOf(bisect.log, trial.commit);
      return subject === undefined ? trial : { ...trial, subject };
    });
  const tested = (endpoint: Omit<Endpoint, "tested">): Endpoint => ({
    ...endpoint,
    tested: testsOf(endpoint.commit, trials),
  });
  // The first bad commit's own trial says most of what it broke.
  const isCulprits = ({ trial }: TrialRecord): boolean => sameCommit(trial.commit, culprit?.commit ?? "");
  const badTrials = facts.trials
    .filter(({ trial }) => trial.verdict === "bad")
    .sort((a, b) => Number(isCulprits(b)) - Number(isCulprits(a)));
  const seen = [...facts.traces, ...badTrials.flatMap((record) => record.seen)];
  const traces = seen.flatMap(
    ({ source, text, evidence }) => readTrace(source, text, evidence.events ?? [], module) ?? [],
  );
  const everything = [...facts.traces, ...facts.trials.flatMap((record) => record.seen)];
  const patch =
    culprit === undefined || isLong(culprit.diff) ? suspectPatch(facts) : culpritPatch(culprit, changes);
  return {
    schemaVersion: 1,
    tool: facts.tool,
    writtenAt: facts.now.toISOString(),
    kind: culprit !== undefined ? "bisect-done" : bisect !== undefined ? "bisect-running" : "review",
    ...(facts.driver === undefined ? {} : { driver: facts.driver }),
    ...(module === undefined ? {} : { module }),
    old: tested(facts.old),
    new: tested(facts.new),
    ...(facts.fixed === undefined ? {} : { fixed: tested(facts.fixed) }),
    ...(bisect === undefined ? {} : { bisect: bisectOf(bisect) }),
    timeline: facts.timeline.map((one) => ({
      ...one,
      ...testsOf(one.commit, trials),
      ...markOf(one.commit, bisect),
    })),
    ...(culprit === undefined ? {} : { culprit: culpritOf(culprit, trials) }),
    changes: changesOf(changes),
    suspects: facts.suspects.slice(0, mostSuspects).map((suspect) => suspectOf(suspect, changes)),
    suspectsBy: knownOf(facts, traces.length > 0),
    ...(patch === undefined ? {} : { patch }),
    traces,
    trials,
    environment: environmentOf(facts, everything),
    warnings: firmwareWarnings(everything),
    series: [...facts.trials.flatMap((record) => record.series), ...seen.flatMap(trafficSeries)],
    marks: facts.trials.flatMap((record) => record.marks),
    reproduce: [...facts.reproduce],
    gaps: gapsOf(facts),
  };
}

function subjectOf(log: BisectLog, commit: string): string | undefined {
  return [...log.good, ...log.bad, ...log.skipped].find((mark) => sameCommit(mark.commit, commit))?.subject;
}

/** One of them may be shortened. */
function sameCommit(a: string, b: string): boolean {
  return a !== "" && b !== "" && (a.startsWith(b) || b.startsWith(a));
}

function countTrials(trials: Report["trials"], commit: string | undefined, verdict: string): number {
  if (commit === undefined) return 0;
  return trials.filter((trial) => trial.verdict === verdict && sameCommit(trial.commit, commit)).length;
}

function testsOf(commit: string | undefined, trials: Report["trials"]): Endpoint["tested"] {
  const count = (verdict: string): number => countTrials(trials, commit, verdict);
  return { good: count("good"), bad: count("bad"), skip: count("skip") };
}

function markOf(
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

function bisectOf({ source, log, candidates, labelOf }: BisectFacts): Report["bisect"] {
  const labels = (marks: readonly { commit: string }[]): string[] =>
    marks.map(({ commit }) => labelOf(commit));
  return { source, good: labels(log.good), bad: labels(log.bad), skipped: labels(log.skipped), candidates };
}

function culpritOf(culprit: CulpritFacts, trials: Report["trials"]): Report["culprit"] {
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

function changesOf({ totals, units, old, new: current }: ChangeSet): Report["changes"] {
  const { changed, added, removed, renamed, moved, signature, commentOnly } = totals.functions;
  const topics = groupChanges(units)
    .map(({ topic, units: own }) => ({
      topic,
      functions: new Set(own.filter(({ kind }) => kind === "function").map(({ name }) => name)).size,
      linesAdded: own.reduce((sum, { linesAdded }) => sum + linesAdded, 0),
      linesRemoved: own.reduce((sum, { linesRemoved }) => sum + linesRemoved, 0),
    }))
    .filter(({ linesAdded, linesRemoved }) => linesAdded + linesRemoved > 0);
  return {
    source: `tarbisect diff ${old} ${current}`,
    old,
    new: current,
    files: totals.files,
    changedLines: totals.changedLines,
    changedCodeLines: totals.changedCodeLines,
    functions: { changed, added, removed, renamed, moved, signature, commentOnly },
    topics,
  };
}

function unitOf({ name, file }: { name: string; file: string }, changes: ChangeSet): UnitChange | undefined {
  return changes.units.find((unit) => unit.kind === "function" && unit.name === name && unit.file === file);
}

const mostUnits = 400;

/**
 * The changes that a page shows as diffs: what a culprit changed, else the suspects' functions, the first one first; with
 * nothing that points at a function, every function in the order of the files.
 */
export function unitsToShow(facts: ReportFacts): UnitChange[] {
  const { changes, suspects, culprit } = facts;
  const withLines = changes.units.filter((unit) => unit.linesAdded + unit.linesRemoved > 0);
  if (culprit === undefined && !pointsAtFunctions(facts))
    return withLines.filter(({ kind }) => kind === "function").slice(0, mostUnits);
  const first = suspects.slice(0, mostSuspects).flatMap((suspect) => unitOf(suspect, changes) ?? []);
  if (culprit === undefined) return first;
  return [...first, ...withLines.filter((unit) => !first.includes(unit))].slice(0, mostUnits);
}

function pointsAtFunctions({ traces, trials, fixed }: ReportFacts): boolean {
  const seen = [...traces, ...trials.flatMap((record) => record.seen)];
  return (
    fixed !== undefined ||
    seen.some(({ evidence }) => (evidence.events?.length ?? 0) + (evidence.memleak?.length ?? 0) > 0)
  );
}

function suspectOf(suspect: Suspect, changes: ChangeSet): Report["suspects"][number] {
  const { rank, name, file, score, reasons } = suspect;
  const unit = unitOf(suspect, changes);
  const line = (unit?.newSpan ?? unit?.oldSpan)?.startLine;
  return {
    rank,
    name,
    file,
    ...(line === undefined ? {} : { line }),
    score,
    reasons: reasons.map(({ signal, points, text }) => ({ signal, points, text })),
    linesAdded: unit?.linesAdded ?? 0,
    linesRemoved: unit?.linesRemoved ?? 0,
  };
}

function isLong(diff: string): boolean {
  return diff.split("\n").length > culpritLines;
}

function culpritPatch({ diff, label, parent }: CulpritFacts, changes: ChangeSet): Report["patch"] {
  const functions = changes.units.filter((unit) => unit.kind === "function").map(({ name }) => name);
  return { about: `what ${label} changed`, base: parent, text: diff, functions: [...new Set(functions)] };
}

/** With nothing that points at a function, every choice of functions would be one of ours, so there is none. */
function suspectPatch(facts: ReportFacts): Report["patch"] {
  if (!pointsAtFunctions(facts)) return undefined;
  const { suspects, changes, oldFiles, old } = facts;
  const best = suspects[0]?.score ?? 0;
  const first = suspects
    .slice(0, 5)
    .filter(({ score }) => score >= best - farBehind)
    .flatMap((suspect) => unitOf(suspect, changes) ?? []);
  const patch = partialPatch(first, oldFiles, patchLines);
  if (patch === undefined) return undefined;
  return { about: "the changes of the first suspects", base: old.label, ...patch };
}

function knownOf({ fixed }: ReportFacts, hasTraces: boolean): string {
  if (hasTraces && fixed !== undefined) return `the kernel logs and the fixed release ${fixed.label}`;
  if (hasTraces) return "the kernel logs";
  if (fixed !== undefined) return `what ${fixed.label} changed again`;
  return "size and kind of the change alone, which says next to nothing";
}

function environmentOf(facts: ReportFacts, seen: readonly SeenText[]): Report["environment"] {
  const ofTrials = facts.trials.flatMap(({ trial }) => [
    ...(trial.kernel === undefined
      ? []
      : [{ name: "kernel", value: trial.kernel, source: `${trial.folder}/settings.json` }]),
    ...(trial.place === undefined
      ? []
      : [{ name: "target", value: trial.place, source: `${trial.folder}/settings.json` }]),
  ]);
  const ofEvents = seen.flatMap(({ source, evidence }) =>
    (evidence.events ?? []).flatMap(({ kernel, taint }) => [
      ...(kernel === undefined ? [] : [{ name: "kernel", value: kernel, source }]),
      ...(taint === undefined || taint === "" ? [] : [{ name: "taint", value: taint, source }]),
    ]),
  );
  // All steps of a bisect stand on the same environment, so the first record tells all.
  const recorded = facts.trials.find(({ environment }) => environment.length > 0)?.environment ?? [];
  return once([...ofTrials, ...ofEvents, ...environmentOfTexts(seen), ...recorded]);
}

function trafficSeries({ source, evidence }: SeenText): Report["series"] {
  const rates = evidence.iperf3?.bitsPerSecond ?? [];
  if (rates.length < 2) return [];
  return [{ source, name: "traffic", unit: "bit/s", points: rates.map((rate, at) => [at, rate]) }];
}

function gapsOf({ changes, traces, trials }: ReportFacts): string[] {
  return [
    ...changes.problems.map(
      ({ path, line, message }) => `${path}:${line}: ${message}; its diff falls back to lines`,
    ),
    ...traces
      .filter(({ evidence }) => Object.keys(evidence).length === 0)
      .map(({ source }) => `${source}: nothing in it that tarbisect knows`),
    ...trials
      .filter(({ trial }) => trial.verdict === "cut" || trial.verdict === "fault")
      .map(({ trial }) => `${trial.folder}: ${trial.detail}`),
  ];
}
