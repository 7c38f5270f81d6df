// What memleak's prints prove. A print says what is held, not what is lost: a healthy driver holds its rings all the
// time, and under load sockets hold what they have not read. So: the rings are taken off, and only prints at the same
// time after the load's end are compared.
import type { MemleakPrint } from "./memleak.js";

export interface MemleakContext {
  /** Buffers that all rings hold when all is well: ring size x queues x ports. */
  ringBuffers?: number;
  /** `HH:MM:SS` when the load ended. */
  stopped?: string;
}

/** What one function of a module held, print by print. */
export interface HeldSeries {
  module: string;
  /** The module's function nearest to the allocator. */
  function: string;
  points: HeldPoint[];
  verdict: MemleakVerdict;
  /** Why, in words. */
  reason: string;
}

export interface HeldPoint {
  clock?: string;
  bytes: number;
  count: number;
  /** Beyond the rings; undefined while their size is not known. */
  excessBytes?: number;
  /** Seconds after the load's end; undefined before it, or while it is not known. */
  drainSeconds?: number;
}

export type MemleakVerdict = "within-rings" | "not-given-back" | "given-back" | "cannot-tell";

/** A stack that dropped out of the top N may still hold memory: so a function that is missing has no point there. */
export function judgeMemleak(prints: readonly MemleakPrint[], context: MemleakContext = {}): HeldSeries[] {
  const series = new Map<string, HeldSeries>();
  for (const print of prints) {
    const here = new Map<string, HeldPoint>();
    for (const stack of print.stacks) {
      const own = stack.frames.find((frame) => frame.module !== undefined);
      if (stack.kind !== "allocations" || own?.module === undefined) continue;
      const key = `${own.module} ${own.function}`;
      const point = here.get(key) ?? pointOf(print, context);
      point.bytes += stack.bytes;
      point.count += stack.count;
      here.set(key, point);
    }
    for (const [key, point] of here) {
      const [module = "", name = ""] = key.split(" ");
      const known = series.get(key) ?? {
        module,
        function: name,
        points: [],
        verdict: "cannot-tell",
        reason: "",
      };
      known.points.push(withExcess(point, context));
      series.set(key, known);
    }
  }
  return [...series.values()].map(judge).sort((a, b) => lastBytes(b) - lastBytes(a));
}

function lastBytes({ points }: HeldSeries): number {
  return points.at(-1)?.bytes ?? 0;
}

function pointOf(print: MemleakPrint, { stopped }: MemleakContext): HeldPoint {
  const point: HeldPoint = { bytes: 0, count: 0 };
  if (print.clock === undefined) return point;
  point.clock = print.clock;
  const drain = stopped === undefined ? undefined : secondsBetween(stopped, print.clock);
  if (drain !== undefined && drain < halfADay) point.drainSeconds = drain;
  return point;
}

const halfADay = 43_200;

function secondsBetween(from: string, to: string): number | undefined {
  const [a, b] = [from, to].map((clock) => {
    const [h = NaN, m = NaN, s = 0] = clock.split(":").map(Number);
    return h * 3600 + m * 60 + s;
  });
  const seconds = ((b ?? NaN) - (a ?? NaN) + 86_400) % 86_400;
  return Number.isFinite(seconds) ? seconds : undefined;
}

function withExcess(point: HeldPoint, { ringBuffers }: MemleakContext): HeldPoint {
  if (ringBuffers === undefined || point.count === 0) return point;
  return { ...point, excessBytes: Math.max(0, point.bytes - ringBuffers * (point.bytes / point.count)) };
}

function judge(series: HeldSeries): HeldSeries {
  const { points } = series;
  if (points.every((point) => point.excessBytes === 0))
    return { ...series, verdict: "within-rings", reason: "never more than the rings hold when all is well" };
  if (points.at(-1)?.excessBytes === 0)
    return {
      ...series,
      verdict: "given-back",
      reason: "what it held beyond the rings is gone in the last print",
    };
  const drained = points.filter((point) => point.drainSeconds !== undefined);
  const last = drained.at(-1);
  if (last === undefined || drained.length < 2) {
    const reason =
      points.length === 1
        ? "one print shows what is held, not what is lost"
        : "no two prints after the load's end: give its time, and print again after the same drain in each run";
    return { ...series, verdict: "cannot-tell", reason };
  }
  const endSeconds = last.drainSeconds ?? 0;
  // What sockets had not read falls soon after the load's end, beside a leak too: the second half of the drain decides.
  const first =
    drained.slice(0, -1).find((point) => (point.drainSeconds ?? 0) >= endSeconds / 2) ?? drained.at(-2)!;
  const [from, to] = [first, last].map((point) => point.excessBytes ?? point.bytes) as [number, number];
  const span = `${first.drainSeconds ?? 0} s to ${endSeconds} s after the load's end`;
  // What is beyond the rings and gone in the last print was told above.
  if (to < from * 0.9)
    return last.excessBytes === undefined
      ? { ...series, verdict: "given-back", reason: `it falls from ${span}` }
      : { ...series, verdict: "cannot-tell", reason: `it still falls from ${span}: wait longer` };
  if (endSeconds < shortestDrain)
    return {
      ...series,
      verdict: "cannot-tell",
      reason: `${span} is too short a drain: wait ${shortestDrain} s`,
    };
  return { ...series, verdict: "not-given-back", reason: `it does not fall from ${span}` };
}

/** Sockets and the page allocator's own lists need some time after the load's end. */
const shortestDrain = 60;
