// How long a trial and its bisect may still take: by what the same stages took before, and by the load that is planned.
import type { ProgressFacts, WatchedTrial } from "./progress.js";
import type { Curve } from "./progress-shape.js";

/** What a stress is planned to do. */
export interface Load {
  /** At most so long. */
  durationMs?: number;
  /** It ends as soon as so many were received. */
  packets?: number;
}

interface TimeLeft {
  /** Undefined when nothing tells. */
  trialMs: number | undefined;
  wholeMs: number | undefined;
}

export function timeLeft({ now, bisect, trials, curves, marks }: ProgressFacts): TimeLeft {
  const newest = trials.at(-1)!;
  const ended = trials.filter(({ trial }) => trial.verdict === "good" || trial.verdict === "bad");
  const runs = newest.trial.verdict === "cut" && newest.isAlive;
  const trialMs = runs ? leftOfTrial(newest, { ended, nowMs: now.getTime(), curves, marks }) : 0;
  const usualMs = median(ended.flatMap(({ trial }) => trial.durationMs ?? []));
  if (bisect === undefined) return { trialMs: runs ? trialMs : undefined, wholeMs: undefined };
  const steps = bisect.log.firstBad === undefined ? stepsFor(bisect.candidates) : 0;
  const later = Math.max(0, steps - (runs ? 1 : 0));
  const wholeMs =
    trialMs === undefined || (later > 0 && usualMs === undefined)
      ? undefined
      : trialMs + later * (usualMs ?? 0);
  return { trialMs: runs ? trialMs : undefined, wholeMs };
}

/** So many tests are likely still to come: git's own estimate_bisect_steps (bisect.c), which leaves out the next one. */
export function stepsFor(candidates: number): number {
  if (candidates < 3) return Math.max(0, candidates - 1);
  const steps = Math.floor(Math.log2(candidates));
  const whole = 2 ** steps;
  return whole < 3 * (candidates - whole) ? steps + 1 : steps;
}

function leftOfTrial(
  { notes, load }: WatchedTrial,
  at: {
    ended: readonly WatchedTrial[];
    nowMs: number;
    curves: readonly Curve[];
    marks: ProgressFacts["marks"];
  },
): number | undefined {
  const last = notes.at(-1);
  if (last === undefined) return undefined;
  const order = at.ended.at(-1)?.trial.stages.map(({ stage }) => stage) ?? [last.stage];
  const place = order.indexOf(last.stage); // -1: a step's own preparing, which takes no time worth a word
  const usual = (stage: string): number | undefined =>
    median(
      at.ended.flatMap(({ trial }) =>
        trial.stages.filter((one) => one.stage === stage).map(({ elapsedMs }) => elapsedMs),
      ),
    );
  const inStageMs = at.nowMs - Date.parse(last.at);
  const ofStage =
    last.stage === "stress"
      ? (byLoad(load, inStageMs, at) ?? usual("stress"))
      : place < 0
        ? 0
        : usual(last.stage);
  if (ofStage === undefined) return undefined;
  const later = order.slice(place + 1).reduce((sum, stage) => sum + (usual(stage) ?? 0), 0);
  return Math.round(Math.max(0, ofStage - inStageMs) + later);
}

/** How long the stress will have taken in all: its time, or less when the packets come in sooner. */
function byLoad(
  { durationMs, packets }: Load,
  inStageMs: number,
  { curves, marks }: { curves: readonly Curve[]; marks: ProgressFacts["marks"] },
): number | undefined {
  const begin = marks.find(({ text }) => text === "stress")?.atSeconds;
  const points = curves.find(({ name }) => name === "received packets")?.points ?? [];
  const first = points.find(([seconds]) => begin !== undefined && seconds >= begin);
  const last = points.at(-1);
  if (packets === undefined || first === undefined || last === undefined) return durationMs;
  const rate = (last[1] - first[1]) / (last[0] - first[0]);
  if (!(rate > 0)) return durationMs;
  const leftMs = (Math.max(0, packets - (last[1] - first[1])) / rate) * 1000;
  return Math.min(durationMs ?? Infinity, inStageMs + leftMs);
}

function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
