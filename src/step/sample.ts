import type { HostSample } from "../evidence/host-sample.js";
import { kernelMemory, receivedPackets, type KernelMemory } from "../evidence/kernel-memory.js";

/** One reading of the target, as far as judging needs it; samples.jsonl holds all of it. */
export interface Sample {
  /** Since the watch began. */
  atMs: number;
  stage: string;
  uptimeSeconds: number;
  memAvailableBytes?: number;
  unaccountedBytes?: number;
  kernelMemory?: KernelMemory;
  /** Received so far by the interfaces under test. */
  packets: number;
}

/** What judging needs of a reading. */
export function sampleOf(sample: HostSample, at: { atMs: number; stage: string }): Sample {
  const memory = kernelMemory(sample);
  const available = sample.memory.MemAvailable;
  return {
    ...at,
    uptimeSeconds: sample.uptimeSeconds,
    packets: receivedPackets(sample),
    ...(available !== undefined && { memAvailableBytes: available }),
    ...(sample.unaccountedBytes !== undefined && { unaccountedBytes: sample.unaccountedBytes }),
    ...(memory && { kernelMemory: memory }),
  };
}
