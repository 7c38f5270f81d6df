import type { Evidence } from "../evidence/read-evidence.js";
import { memleakTrends } from "../evidence/memleak.js";
import { meaningOfCounter } from "../evidence/ethtool-stats.js";
import type { KernelEvent } from "../evidence/kernel-event.js";

/** What each file holds, for reading. */
export function evidenceText(files: readonly (Evidence & { file: string })[]): string {
  return files.map((one) => [one.file, ...linesOf(one).map((line) => `  ${line}`), ""].join("\n")).join("\n");
}

function linesOf(one: Evidence): string[] {
  const lines = [
    ...(one.events ?? []).flatMap(eventLines),
    ...memleakLines(one),
    ...meminfoLines(one),
    ...Object.entries(one.counters ?? {})
      .filter(([name, value]) => value > 0 && meaningOfCounter(name) !== "other")
      .map(([name, value]) => `${meaningOfCounter(name)}: ${name} ${value}`),
    ...iperf3Lines(one),
  ];
  return lines.length > 0 ? lines : ["nothing that tarbisect knows"];
}

function eventLines(event: KernelEvent): string[] {
  const where = [
    `line ${event.line}`,
    event.uptimeSeconds === undefined ? event.stamp : `${event.uptimeSeconds} s`,
    event.cpu === undefined ? undefined : `CPU ${event.cpu}`,
    event.process,
    event.kernel,
    event.taint ? `tainted ${event.taint}` : undefined,
    event.panicked ? "panicked" : undefined,
  ].filter((part) => part !== undefined);
  const own = event.frames.filter((frame) => frame.module !== undefined);
  return [
    `${event.index + 1}. ${event.title} [${event.class}]`,
    `   ${where.join(", ")}`,
    `   signature: ${event.signature}`,
    ...own
      .slice(0, 5)
      .map((f) => `   in ${f.module ?? ""}: ${f.function}${f.reliable ? "" : " (uncertain)"}`),
  ];
}

function memleakLines({ memleak }: Evidence): string[] {
  if (memleak === undefined) return [];
  const stacks = memleak.reduce((all, print) => all + print.stacks.length, 0);
  const trends = memleakTrends(memleak).slice(0, 5);
  return [
    `memleak: ${memleak.length} prints, ${stacks} stacks; only growth over equal drain times means a leak`,
    ...trends.map((t) => {
      const module = t.frames.find((f) => f.module !== undefined);
      const name =
        module === undefined ? (t.frames[1]?.function ?? "?") : `${module.function} [${module.module ?? ""}]`;
      const change = t.toBytes - t.fromBytes;
      const moved =
        t.elapsedSeconds === 0 ? "seen once" : `${change >= 0 ? "+" : ""}${change} in ${t.elapsedSeconds} s`;
      return `  ${t.toBytes} bytes by ${name}, ${moved}`;
    }),
  ];
}

function meminfoLines({ meminfo, vmstat, slabs }: Evidence): string[] {
  return [
    ...(meminfo?.unaccountedBytes === undefined
      ? []
      : [`unaccounted memory: ${meminfo.unaccountedBytes} bytes`]),
    ...(vmstat?.livePages === undefined ? [] : [`pages taken and not given back: ${vmstat.livePages}`]),
    ...(slabs ?? [])
      .slice(0, 5)
      .map((s) => `slab ${s.name}: ${s.slabBytes} bytes, ${s.activeObjects} objects`),
  ];
}

function iperf3Lines({ iperf3 }: Evidence): string[] {
  if (iperf3 === undefined) return [];
  const mean = iperf3.bitsPerSecond.reduce((a, b) => a + b, 0) / Math.max(1, iperf3.bitsPerSecond.length);
  return [
    `iperf3: ${iperf3.state}${iperf3.error === undefined ? "" : ` (${iperf3.error})`}, ` +
      `${iperf3.bitsPerSecond.length} intervals, mean ${(mean / 1e6).toFixed(0)} Mbit/s, ${iperf3.retransmits} retransmits`,
  ];
}
