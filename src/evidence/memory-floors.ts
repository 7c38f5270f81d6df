// One value per cycle of load and drain: what is held when the load is gone. Under load sockets and rings hold what is on
// its way, which no trend test tells from a leak; after equal drains only what is lost is left.
import type { KernelMemory } from "./kernel-memory.js";
import { median } from "./robust.js";

/** One reading, with the stage that it was taken in ("idle", "load", "stress", "drain" ...). */
export interface MemoryReading {
  atMs: number;
  stage: string;
  memory: KernelMemory;
  /** Received so far. */
  packets: number;
}

/** What was held at the end of one drain, and the packets received until then. */
export interface Floor extends KernelMemory {
  packets: number;
  atMs: number;
}

/**
 * The floors, in order: medians of the last third of each drain. `ringBytes` is what the rings hold when all is well;
 * what the module holds beyond the machine before its load, up to that much, counts as nothing.
 */
export function memoryFloors(readings: readonly MemoryReading[], ringBytes = 0): Floor[] {
  const allowed = allowedBytes(readings, ringBytes);
  return drains(readings).map((drain) => {
    const end = drain.slice(-Math.max(1, Math.floor(drain.length / 3)));
    const middle = (pick: (reading: MemoryReading) => number): number => median(end.map(pick));
    return {
      atMs: end.at(-1)!.atMs,
      packets: middle(({ packets }) => packets),
      total: Math.max(middle(({ memory }) => memory.total) - allowed, 0),
      pages: middle(({ memory }) => memory.pages),
      slab: middle(({ memory }) => memory.slab),
      other: middle(({ memory }) => memory.other),
    };
  });
}

/** What there may be without a leak: the machine before the module came, and the rings. */
function allowedBytes(readings: readonly MemoryReading[], ringBytes: number): number {
  const loaded = readings.findIndex(({ stage }) => stage !== "idle");
  const before = readings.slice(0, Math.max(loaded, 0)).map(({ memory }) => memory.total);
  return before.length === 0
    ? Math.min(...readings.map(({ memory }) => memory.total))
    : median(before) + ringBytes;
}

function drains(readings: readonly MemoryReading[]): MemoryReading[][] {
  const found: MemoryReading[][] = [];
  readings.forEach((reading, index) => {
    if (reading.stage !== "drain") return;
    if (index === 0 || readings[index - 1]!.stage !== "drain") found.push([]);
    found.at(-1)!.push(reading);
  });
  return found;
}
