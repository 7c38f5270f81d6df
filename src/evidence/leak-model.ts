// What a clean and a leaking module look like, learnt from kept runs of the two endpoints under the same load.
import { leakPoints, type LeakModel } from "./leak-test.js";
import type { Floor } from "./memory-floors.js";
import { median, medianDeviation, theilSen, type Point } from "./robust.js";

export interface EndpointFloors {
  good: readonly (readonly Floor[])[];
  bad: readonly (readonly Floor[])[];
}

/** Windows of one length that a spread can be told from. */
const fewestWindows = 5;
/** With steps in the series a slope's error falls like the length to this power, not to 1.5. */
const steadying = 0.9;

/**
 * `leastBytesPerPacket` is a leak while no bad run is known. A bad endpoint that does not lose clearly more than the
 * good one teaches nothing: the model is then the one without it.
 */
export function leakModel(runs: EndpointFloors, leastBytesPerPacket: number): LeakModel {
  const good = runs.good.map(leakPoints).filter((points) => points.length > 2);
  const goodSlope = good.length === 0 ? 0 : Math.max(0, median(good.flatMap((run) => theilSen(run) ?? [])));
  const badSlopes = runs.bad.flatMap((floors) => theilSen(leakPoints(floors)) ?? []);
  const badSlope = badSlopes.length === 0 ? 0 : median(badSlopes);
  const spreadPerCycle = spreadOf(good);
  return {
    good: goodSlope,
    bad: badSlope > goodSlope + leastBytesPerPacket / 2 ? badSlope : goodSlope + leastBytesPerPacket,
    ...(spreadPerCycle && { spreadPerCycle }),
  };
}

/** From the slopes of all windows of a length in the clean runs, in bytes per cycle. */
function spreadOf(runs: readonly (readonly Point[])[]): LeakModel["spreadPerCycle"] {
  const known = new Map<number, number>();
  for (let length = 3; length <= Math.max(...runs.map((run) => run.length), 0); length++) {
    const slopes = runs.flatMap((run) => windowSlopes(run, length));
    if (slopes.length >= fewestWindows) known.set(length, medianDeviation(slopes));
  }
  const [longest, spread] = [...known].at(-1) ?? [];
  if (longest === undefined || spread === undefined) return undefined;
  return (floors) => known.get(floors) ?? spread * (longest / floors) ** steadying;
}

/** Per cycle, as if each did the same work: what disturbs memory comes with time, not with packets. */
function windowSlopes(points: readonly Point[], length: number): number[] {
  return points.slice(length - 1).flatMap((_, start) => {
    const window = points.slice(start, start + length).map(({ y }, x) => ({ x, y }));
    return theilSen(window) ?? [];
  });
}
