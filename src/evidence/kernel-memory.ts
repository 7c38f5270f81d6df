// What the kernel itself holds, whoever asked for it: user memory and the page cache are taken off, since they grow and
// shrink with every file that is read. A leak of a driver is in one of the three parts, by the allocator it asked.
import type { HostSample } from "./host-sample.js";

/** Bytes; of `total` only the change between two readings means something. */
export interface KernelMemory {
  total: number;
  /** Pages straight from the page allocator, which no line of /proc/meminfo counts. */
  pages: number;
  /** Slab that can't be reclaimed. */
  slab: number;
  /** vmalloc, per-CPU memory, page tables, stacks. */
  other: number;
}

const otherLines = ["KernelStack", "PageTables", "SecPageTables", "Percpu", "VmallocUsed"] as const;
const userLines = ["Buffers", "Cached", "SwapCached", "AnonPages", "SReclaimable"] as const;
const pageBytes = 4096;

/**
 * Undefined when /proc/meminfo lacks what it needs. Where /proc/vmstat counts pages, the total is what was taken minus
 * what was given back: that is exact, while free pages on the CPUs' own lists look like memory in use to meminfo.
 */
export function kernelMemory(
  sample: Pick<HostSample, "memory" | "unaccountedBytes" | "livePages">,
): KernelMemory | undefined {
  const { memory, unaccountedBytes: pages, livePages } = sample;
  const slab = memory.SUnreclaim;
  if (pages === undefined || slab === undefined) return undefined;
  const sum = (names: readonly string[]): number =>
    names.reduce((bytes, name) => bytes + (memory[name] ?? 0), 0);
  const other = sum(otherLines);
  const total = livePages === undefined ? pages + slab + other : livePages * pageBytes - sum(userLines);
  return { total, pages, slab, other };
}

/** Packets received by all interfaces under test. */
export function receivedPackets({ nics }: Pick<HostSample, "nics">): number {
  return Object.values(nics).reduce((packets, { link }) => packets + (link.rx_packets ?? 0), 0);
}
