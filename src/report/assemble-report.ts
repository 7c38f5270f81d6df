// Facts from evidence, git and the changes to the one value that every face shows.
import type { BisectLog } from "../bisect/git-log.js";
import type { ChangeSet } from "../changes/change-set.js";
import type { Evidence } from "../evidence/read-evidence.js";
import type { Suspect } from "../suspects/rank-suspects.js";
import { trust } from "../suspects/suspects-text.js";
import { bisectOf, culpritOf, markOf, subjectOf } from "./bisect-part.js";
import { changesOf } from "./changes-part.js";
import { testsOf } from "./count-trials.js";
import { environmentOf, firmwareWarnings } from "./environment-facts.js";
import { failureTexts } from "./failure-texts.js";
import { gapsOf } from "./gaps.js";
import { heldMemory } from "./held-memory.js";
import { trafficSeries } from "./read-series.js";
import type { Endpoint, Report } from "./report-shape.js";
import { fixOf, knownOf, patchOf, suspectsOf } from "./suspects-part.js";
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
  /** From the bad tree to the fixed one, with the bad tree's texts. */
  fix: { changes: ChangeSet; oldFiles: ReadonlyMap<string, string> } | undefined;
  /** The logs that the user named. */
  traces: readonly SeenText[];
  trials: readonly TrialRecord[];
  bisect: BisectFacts | undefined;
  culprit: CulpritFacts | undefined;
  /** The commits between the two ends, oldest first. */
  timeline: readonly { commit: string; label: string; subject: string; isRelease: boolean }[];
  reproduce: readonly string[];
}

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
  const seen = failureTexts(facts);
  const traces = seen.flatMap(
    ({ source, text, evidence }) => readTrace(source, text, evidence.events ?? [], module) ?? [],
  );
  const everything = [...facts.traces, ...facts.trials.flatMap((record) => record.seen)];
  const [patch, fix] = [patchOf(facts), fixOf(facts)];
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
    suspects: suspectsOf(facts),
    suspectsBy: knownOf(facts, traces.length > 0),
    suspectsTrust: trust({ traces: traces.length, fixed: facts.fixed !== undefined }),
    ...(patch === undefined ? {} : { patch }),
    ...(fix === undefined ? {} : { fix }),
    traces,
    memory: heldMemory(seen),
    trials,
    environment: environmentOf(facts, everything),
    warnings: firmwareWarnings(everything),
    series: [...facts.trials.flatMap((record) => record.series), ...seen.flatMap(trafficSeries)],
    marks: facts.trials.flatMap((record) => record.marks),
    reproduce: [...facts.reproduce],
    gaps: gapsOf(facts),
  };
}
