// The sequential test for a leak on a trial's samples: after each cycle while it runs, and once more at its end.
import { describeLeak, type LeakFinding } from "../evidence/leak-finding.js";
import { leakModel, type EndpointFloors } from "../evidence/leak-model.js";
import { testLeak } from "../evidence/leak-test.js";
import type { KernelMemory } from "../evidence/kernel-memory.js";
import { memoryFloors, type Floor, type MemoryReading } from "../evidence/memory-floors.js";
import type { Sample } from "./sample.js";

export interface LeakRules {
  errorRate: number;
  leastBytesPerPacket: number;
}

/** What was seen of a trial's memory. */
export interface MemoryCourse {
  samples: readonly Sample[];
  ringBytes?: number;
  afterUnload?: KernelMemory;
}

/** Undefined when no sample tells what the kernel holds. */
export function judgeLeak(
  course: MemoryCourse,
  rules: LeakRules,
  known: EndpointFloors,
): LeakFinding | undefined {
  const readings = memoryReadings(course.samples);
  if (readings.length === 0) return undefined;
  const floors = memoryFloors(readings, course.ringBytes);
  const test = testLeak(floors, leakModel(known, rules.leastBytesPerPacket), rules.errorRate);
  const before = readings[0]?.stage === "idle" ? readings[0].memory : undefined;
  const available = course.samples.findLast(({ stage }) => stage === "drain")?.memAvailableBytes;
  const after = course.afterUnload;
  return describeLeak(floors, test, {
    packetsPerSecond: packetRate(course.samples),
    ...(available !== undefined && { availableBytes: available }),
    ...(before && after && { unloaded: { before, after } }),
  });
}

/** A trial's floors, for the knowledge of its endpoint. */
export function floorsOf({ samples, ringBytes }: MemoryCourse): Floor[] {
  return memoryFloors(memoryReadings(samples), ringBytes);
}

function memoryReadings(samples: readonly Sample[]): MemoryReading[] {
  return samples.flatMap(({ atMs, stage, packets, kernelMemory }) =>
    kernelMemory === undefined ? [] : [{ atMs, stage, packets, memory: kernelMemory }],
  );
}

/** Packets a second while there was load. */
function packetRate(samples: readonly Sample[]): number {
  let [packets, ms] = [0, 0];
  samples.forEach((sample, index) => {
    const before = samples[index - 1];
    if (before?.stage !== "stress" || sample.stage !== "stress") return;
    packets += Math.max(0, sample.packets - before.packets);
    ms += sample.atMs - before.atMs;
  });
  return ms === 0 ? 0 : packets / (ms / 1000);
}
