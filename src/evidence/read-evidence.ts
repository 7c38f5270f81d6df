// A file of evidence tells by its own words what it is; a file may hold a kernel log and other prints at once.
import { readEthtoolStats } from "./ethtool-stats.js";
import { readIperf3, type Iperf3Run } from "./iperf3.js";
import type { KernelEvent } from "./kernel-event.js";
import { readKernelLog } from "./kernel-log.js";
import { readMeminfo, type Meminfo } from "./meminfo.js";
import { readMemleak, type MemleakPrint } from "./memleak.js";
import { readSlabinfo, type SlabCache } from "./slabinfo.js";
import { readSoftirqs, readSoftnetStat, type SoftnetCpu } from "./softirqs.js";
import { readVmstat, type Vmstat } from "./vmstat.js";

/** What one file holds; a part that it does not hold is left out. */
export interface Evidence {
  events?: KernelEvent[];
  memleak?: MemleakPrint[];
  meminfo?: Meminfo;
  vmstat?: Vmstat;
  slabs?: SlabCache[];
  softirqs?: Record<string, number[]>;
  softnet?: SoftnetCpu[];
  counters?: Record<string, number>;
  iperf3?: Iperf3Run;
}

/** Reads text of any of the known kinds. Never throws; {} when nothing was understood. */
export function readEvidence(text: string): Evidence {
  if (/^\s*\{\s*"(?:start|intervals|error)"/.test(text)) {
    const iperf3 = readIperf3(text);
    return { iperf3 };
  }
  if (/^MemTotal:\s+\d+ kB/m.test(text)) return some("meminfo", readMeminfo(text));
  if (/^slabinfo - version/m.test(text)) return some("slabs", readSlabinfo(text));
  if (/^nr_free_pages \d+$/m.test(text)) return some("vmstat", readVmstat(text));
  if (/^\s+CPU0\b.*\n\s+HI:/m.test(text)) return some("softirqs", readSoftirqs(text));
  if (/^(?:[0-9a-f]{8} ){8,}[0-9a-f]{8}\s*$/m.test(text)) return some("softnet", readSoftnetStat(text));
  if (/^NIC statistics:|^(?:Peer|Port|PHY) [Ss]tatistics:/m.test(text))
    return some("counters", readEthtoolStats(text));
  const events = readKernelLog(text);
  const memleak = readMemleak(text);
  return {
    ...(events.length > 0 ? { events } : {}),
    ...(memleak.length > 0 ? { memleak } : {}),
  };
}

function some<K extends keyof Evidence>(key: K, value: Evidence[K]): Evidence {
  return value === undefined ? {} : { [key]: value };
}
