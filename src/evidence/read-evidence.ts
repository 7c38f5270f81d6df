// A file of evidence tells by its own words what it is; a file may hold a kernel log and other prints at once.
import { readEthtoolStats } from "./ethtool-stats.js";
import { readHeldMemory, type HeldStack } from "./held-memory.js";
import { readIperf3, type Iperf3Run } from "./iperf3.js";
import type { KernelEvent } from "./kernel-event.js";
import { readKernelLog } from "./kernel-log.js";
import { readMeminfo, type Meminfo } from "./meminfo.js";
import { readMemleak, type MemleakPrint } from "./memleak.js";
import { readRings, type RingSettings } from "./rings.js";
import { readSlabinfo, type SlabCache } from "./slabinfo.js";
import { readSoftirqs, readSoftnetStat, type SoftnetCpu } from "./softirqs.js";
import { readVmstat, type Vmstat } from "./vmstat.js";

/** What one file holds; a part that it does not hold is left out. */
export interface Evidence {
  events?: KernelEvent[];
  memleak?: MemleakPrint[];
  /** Memory that kmemleak or page_owner say was not given back, by stack. */
  held?: HeldStack[];
  rings?: RingSettings[];
  meminfo?: Meminfo;
  vmstat?: Vmstat;
  slabs?: SlabCache[];
  softirqs?: Record<string, number[]>;
  softnet?: SoftnetCpu[];
  counters?: Record<string, number>;
  iperf3?: Iperf3Run;
}

type Part = Exclude<keyof Evidence, "iperf3" | "events">;

/** A line that only such a print has, and its reader. */
const parts: { [K in Part]: readonly [RegExp, (text: string) => Evidence[K]] } = {
  memleak: [/^[ \t]*(?:\d+ bytes in )?\d+ (?:de)?allocations from stack/m, readMemleak],
  held: [
    /^[ \t]*unreferenced object 0x|^Page allocated via order|^(?:nr_base_pages|stack_count): \d/m,
    readHeldMemory,
  ],
  rings: [/^(?:Ring|Channel) parameters for \S/m, readRings],
  meminfo: [/^MemTotal: +\d+ kB/m, readMeminfo],
  vmstat: [/^nr_free_pages \d+[\r ]?$/m, readVmstat],
  slabs: [/^slabinfo - version|^# name +<active_objs>|: tunables +\d+ +\d+/m, readSlabinfo],
  softirqs: [/^ +(?:HI|NET_RX): +\d/m, readSoftirqs],
  softnet: [/^(?:[0-9a-f]{8} ){8}/m, readSoftnetStat],
  counters: [/^NIC statistics:|^(?:Peer|Port|PHY|RMON|MAC) [Ss]tatistics:/m, readEthtoolStats],
};

/** Reads text of any of the known kinds. Never throws; {} when nothing was understood. */
export function readEvidence(text: string): Evidence {
  if (isIperf3(text)) return { iperf3: readIperf3(text) };
  const found: Evidence = {};
  const events = readKernelLog(text);
  if (events.length > 0) found.events = events;
  for (const [name, [sign, read]] of Object.entries(parts)) {
    const value = sign.test(text) ? read(text) : undefined;
    if (value !== undefined && !(Array.isArray(value) && value.length === 0))
      Object.assign(found, { [name]: value });
  }
  return found;
}

/** iperf3 -J writes an object with these keys, behind a warning at most. */
function isIperf3(text: string): boolean {
  const start = text.slice(0, 4000);
  return /^\s{0,100}\{|^\{\s{0,20}$/m.test(start) && /"(?:start|intervals|error)"\s?:\s?[[{"]/.test(start);
}
