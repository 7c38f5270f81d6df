// Memory of a machine as it wanders without a leak: noise that remembers itself, and steps that are given back later.
import type { Floor } from "../../src/evidence/memory-floors.js";

export interface Wandering {
  cycles: number;
  packetsPerCycle: number;
  leakBytesPerPacket: number;
  /** Standard deviation of the noise. */
  noiseBytes: number;
  /** Height of the steps; one begins in every eighth cycle and lasts three on average. */
  stepBytes: number;
}

/** Park and Miller's minimal standard generator: the same run every time. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

export function wanderingFloors(of: Wandering, random: () => number): Floor[] {
  const normal = (): number => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
  const base = 64 * 1024 ** 2;
  let [noise, step] = [normal() * of.noiseBytes, 0];
  return Array.from({ length: of.cycles }, (_, cycle) => {
    noise = memory * noise + Math.sqrt(1 - memory ** 2) * normal() * of.noiseBytes;
    if (step === 0 && random() < 1 / 8) step = (random() < 0.5 ? -1 : 1) * of.stepBytes;
    else if (step !== 0 && random() < 1 / 3) step = 0;
    const packets = (cycle + 1) * of.packetsPerCycle;
    const total = base + packets * of.leakBytesPerPacket + noise + step;
    return { atMs: cycle * 100_000, packets, total, pages: total, slab: 0, other: 0 };
  });
}

/** Of one cycle's noise in the next. */
const memory = 0.5;
