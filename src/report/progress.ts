// Where a bisect stands, from what its trials have left so far.
import { durationMs } from "../step/duration.js";
import type { StageNote } from "../step/stage-notes.js";
import type { BisectFacts } from "./assemble-report.js";
import { thinned } from "./chart.js";
import type { Curve, Progress } from "./progress-shape.js";
import type { Trial } from "./report-shape.js";
import { stepsFor, timeLeft, type Load } from "./time-left.js";

export interface WatchedTrial {
  trial: Trial;
  /** In the order in which its stages began. */
  notes: readonly StageNote[];
  /** What the settings ask of the stress. */
  load: Load;
  /** Whether the step's process still lives. */
  isAlive: boolean;
}

export interface ProgressFacts {
  now: Date;
  repository: string;
  bisect: BisectFacts | undefined;
  /** Oldest first. */
  trials: readonly WatchedTrial[];
  /** Of the newest trial. */
  curves: readonly Curve[];
  marks: Progress["marks"];
}

export function progressOf(facts: ProgressFacts): Progress {
  const { now, repository, bisect, trials, curves, marks } = facts;
  const newest = trials.at(-1);
  const left = newest === undefined ? undefined : timeLeft(facts);
  const state = newest === undefined ? "ended" : stateOf(newest);
  const open = state === "runs" ? newest : undefined;
  return {
    schemaVersion: 1,
    writtenAt: now.toISOString(),
    repository,
    ...(bisect === undefined ? {} : { bisect: bisectOf(bisect) }),
    ...(left?.wholeMs === undefined ? {} : { leftMs: left.wholeMs }),
    ...(newest === undefined ? {} : { current: { ...currentOf(newest, now), state, ...trialLeft(left) } }),
    trials: trials.filter((one) => one !== open).map(({ trial }) => endedTrial(trial)),
    curves: curves.map((curve) => ({
      ...curve,
      points: [...thinned(curve.points)].map(([at, value]) => [at, value]),
    })),
    marks: [...marks],
  };
}

/** Text of stages.jsonl to its notes; a line that is no note is left out. */
export function readStageNotes(text: string): StageNote[] {
  return text.split("\n").flatMap((line) => {
    try {
      const { at, stage, pid } = JSON.parse(line) as Partial<Record<string, unknown>>;
      const isNote = typeof at === "string" && typeof stage === "string" && typeof pid === "number";
      return isNote && !Number.isNaN(Date.parse(at)) ? [{ at, stage, pid }] : [];
    } catch {
      return [];
    }
  });
}

/** What `stress` in a trial's settings.json asks for; nothing where its form is another one. */
export function readLoad(settings: unknown): Load {
  const stress = fieldsOf(fieldsOf(fieldsOf(settings)?.settings)?.stress);
  const packets = fieldsOf(stress?.exposure)?.packets;
  const { duration, flows } = stress ?? {};
  const isTime = typeof duration === "string" && /^[1-9]\d{0,5}[smh]$/.test(duration);
  return {
    ...(Array.isArray(flows) && isTime ? { durationMs: durationMs(duration) } : {}),
    ...(typeof packets === "number" ? { packets } : {}),
  };
}

function stateOf({ trial, isAlive }: WatchedTrial): "runs" | "ended" | "cut" {
  if (trial.verdict !== "cut") return "ended";
  return isAlive ? "runs" : "cut";
}

function bisectOf({ log, candidates, labelOf }: BisectFacts): Progress["bisect"] {
  const labels = (marks: readonly { commit: string }[]): string[] =>
    marks.map(({ commit }) => labelOf(commit));
  const { good, bad, skipped, firstBad } = log;
  return {
    good: labels(good),
    bad: labels(bad),
    skipped: skipped.length,
    candidates,
    stepsLeft: firstBad === undefined ? stepsFor(candidates) : 0,
    ...(firstBad === undefined
      ? {}
      : { firstBad: { label: labelOf(firstBad.commit), subject: firstBad.subject } }),
  };
}

function currentOf(
  { trial, notes, load }: WatchedTrial,
  now: Date,
): Omit<Progress["current"] & object, "state"> {
  const last = notes.at(-1);
  const since = (time: string): number => Math.max(0, now.getTime() - Date.parse(time) || 0);
  const planned = [
    ...(load.packets === undefined ? [] : [`${load.packets} packets`]),
    ...(load.durationMs === undefined ? [] : [`${load.durationMs / 1000} s`]),
  ].join(" or ");
  return {
    ...headOf(trial),
    ...(trial.place === undefined ? {} : { place: trial.place }),
    ...(trial.kernel === undefined ? {} : { kernel: trial.kernel }),
    ...(last === undefined ? {} : { stage: last.stage, stageMs: since(last.at) }),
    elapsedMs: trial.durationMs ?? since(trial.startedAt),
    ...(planned === "" ? {} : { planned }),
  };
}

function trialLeft(left: { trialMs: number | undefined } | undefined): { leftMs?: number } {
  return left?.trialMs === undefined ? {} : { leftMs: left.trialMs };
}

function headOf({
  folder,
  startedAt,
  version,
  commit,
  subject,
}: Trial): Pick<Trial, "folder" | "startedAt" | "version" | "commit" | "subject"> {
  return { folder, startedAt, version, commit, ...(subject === undefined ? {} : { subject }) };
}

function endedTrial(trial: Trial): Progress["trials"][number] {
  const { verdict, detail, durationMs: took } = trial;
  return { ...headOf(trial), verdict, detail, ...(took === undefined ? {} : { durationMs: took }) };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}
