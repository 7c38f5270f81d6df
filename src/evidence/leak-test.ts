// Whether memory is lost with the work done: the slope of the floors against packets, judged after each cycle against
// what the good and the bad endpoint show (Wald's sequential test). Plain trend tests call 27 to 45 % of clean series a
// leak at a nominal 1 %, since memory wanders in steps that are given back later.
import type { Floor } from "./memory-floors.js";
import { medianDeviation, theilSen, type Point } from "./robust.js";

/** What the floors of a clean and of a leaking module look like, in bytes per packet. */
export interface LeakModel {
  good: number;
  bad: number;
  /** How far the slope of so many clean floors strays, in bytes per cycle, at least. */
  spreadPerCycle?: (floors: number) => number;
}

export interface LeakTest {
  /** Cycles that were counted; the first one warms up and is none of them. */
  cycles: number;
  bytesPerPacket: number;
  /** Natural logarithm of P(these floors | leak) / P(these floors | none). */
  logLikelihoodRatio: number;
  decision: "leak" | "clean" | "open";
}

/** Fewer floors have a slope, but nothing that tells how sure it is; without clean runs to learn from they must tell more. */
const fewestFloors = { known: 4, unknown: 6 };
/** Memory of a quiet machine moves by so much from cycle to cycle whatever it does. */
const leastNoiseBytes = 64 * 1024;

/** `errorRate`: how often each of the two wrong decisions may happen. */
export function testLeak(floors: readonly Floor[], model: LeakModel, errorRate: number): LeakTest {
  const points = leakPoints(floors);
  const slope = theilSen(points);
  const fewest = model.spreadPerCycle === undefined ? fewestFloors.unknown : fewestFloors.known;
  if (slope === undefined || points.length < fewest)
    return { cycles: points.length, bytesPerPacket: slope ?? 0, logLikelihoodRatio: 0, decision: "open" };
  const spread = spreadPerPacket(points, slope, model.spreadPerCycle);
  // More than the bad endpoint loses is not less of a leak, and less than the good one no less clean.
  const fromBad = Math.max(0, model.bad - slope) / spread;
  const fromGood = Math.max(0, slope - model.good) / spread;
  const logLikelihoodRatio = logStudent4(fromBad) - logStudent4(fromGood);
  const enough = Math.log((1 - errorRate) / errorRate);
  return {
    cycles: points.length,
    bytesPerPacket: slope,
    logLikelihoodRatio,
    decision: logLikelihoodRatio >= enough ? "leak" : logLikelihoodRatio <= -enough ? "clean" : "open",
  };
}

/** Held bytes against packets, without the first cycle. */
export function leakPoints(floors: readonly Floor[]): Point[] {
  return floors.slice(1).map(({ packets, total }) => ({ x: packets, y: total }));
}

function spreadPerPacket(
  points: readonly Point[],
  slope: number,
  known: LeakModel["spreadPerCycle"],
): number {
  const perCycle = (points.at(-1)!.x - points[0]!.x) / (points.length - 1);
  const own = Math.max(noiseOf(points, slope), leastNoiseBytes) * slopeError(points.length);
  return Math.max(own, known?.(points.length) ?? 0) / perCycle;
}

/** Standard deviation of the points around their line, not too small although the line goes where most of them are. */
function noiseOf(points: readonly Point[], slope: number): number {
  const off = medianDeviation(points.map(({ x, y }) => y - slope * x));
  return (off * points.length) / (points.length - 2);
}

/** Error of a slope through so many evenly spaced points of noise 1. */
function slopeError(points: number): number {
  return Math.sqrt(12 / (points * (points ** 2 - 1)));
}

/** Of Student's t with 4 degrees of freedom, without its constant: tails for the steps that memory takes. */
function logStudent4(z: number): number {
  return -2.5 * Math.log1p(z ** 2 / 4);
}
