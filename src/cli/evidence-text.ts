import type { HeldPoint, HeldSeries } from "../evidence/judge-memleak.js";
import type { Evidence } from "../evidence/read-evidence.js";
import { meaningOfCounter } from "../evidence/ethtool-stats.js";
import type { KernelEvent } from "../evidence/kernel-event.js";
import type { ParsedFrame } from "../evidence/stack-frame.js";
import { renderByteSize } from "./byte-size.js";

export interface FileEvidence extends Evidence {
  file: string;
  heldByModule?: HeldSeries[];
}

/** What each file holds, for reading. */
export function evidenceText(files: readonly FileEvidence[]): string {
  return files.map((one) => [one.file, ...linesOf(one).map((line) => `  ${line}`), ""].join("\n")).join("\n");
}

function linesOf(one: FileEvidence): string[] {
  const lines = [
    ...(one.events ?? []).flatMap(eventLines),
    ...memleakLines(one),
    ...heldLines(one),
    ...ringLines(one),
    ...memoryLines(one),
    ...networkLines(one),
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
    event.repeats === undefined ? undefined : `${event.repeats + 1} times`,
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

function memleakLines({ memleak, heldByModule = [] }: FileEvidence): string[] {
  if (memleak === undefined) return [];
  const stacks = memleak.flatMap((print) => print.stacks);
  const freed = stacks.filter((stack) => stack.kind === "deallocations");
  return [
    `memleak: ${plural(memleak.length, "print")}, ${plural(stacks.length - freed.length, "stack")} of allocations` +
      (freed.length > 0 ? `, ${freed.length} of deallocations` : ""),
    ...heldByModule.flatMap((series) => [
      `  ${series.function} [${series.module}]: ${series.verdict}, ${series.reason}`,
      ...series.points.map((point) => `    ${pointLine(point)}`),
    ]),
    ...freed.slice(0, 5).map((stack) => `  ${stack.count} deallocations by ${takerOf(stack.frames)}`),
  ];
}

function pointLine({ clock, bytes, count, excessBytes, drainSeconds }: HeldPoint): string {
  return [
    `${clock ?? "-"}  ${renderByteSize(bytes)} in ${count} allocations`,
    ...(excessBytes === undefined ? [] : [`${renderByteSize(excessBytes)} beyond the rings`]),
    ...(drainSeconds === undefined ? [] : [`${drainSeconds} s after the load`]),
  ].join(", ");
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

function heldLines({ held = [] }: Evidence): string[] {
  return held
    .slice(0, 5)
    .map((s) => `${s.source}: ${renderByteSize(s.bytes)} in ${s.count} by ${takerOf(s.frames)}`);
}

/** The module's function nearest to the allocator, else the first that is no allocator's own. */
function takerOf(frames: readonly ParsedFrame[]): string {
  const own = frames.find((frame) => frame.module !== undefined);
  if (own !== undefined) return `${own.function} [${own.module ?? ""}]`;
  return frames.find((frame) => !/alloc|prep_new|get_page_from/.test(frame.function))?.function ?? "?";
}

function ringLines({ rings = [] }: Evidence): string[] {
  return rings.map(
    (r) => `rings of ${r.interface}: ${r.rx ?? "?"} receive buffers in each of ${r.rxQueues ?? "?"} queues`,
  );
}

function memoryLines({ meminfo, vmstat, slabs = [] }: Evidence): string[] {
  return [
    ...(meminfo?.unaccountedBytes === undefined
      ? []
      : [`memory in no counter: ${renderByteSize(meminfo.unaccountedBytes)}`]),
    ...(vmstat?.livePages === undefined ? [] : [`pages taken and not given back: ${vmstat.livePages}`]),
    ...slabs
      .slice(0, 5)
      .map((s) => `slab ${s.name}: ${renderByteSize(s.slabBytes)}, ${s.activeObjects} objects`),
  ];
}

function networkLines({ softirqs, softnet, counters = {} }: Evidence): string[] {
  const received = softirqs?.NET_RX?.reduce((a, b) => a + b, 0);
  const sum = (pick: "dropped" | "timeSqueeze"): number =>
    (softnet ?? []).reduce((a, cpu) => a + cpu[pick], 0);
  return [
    ...(received === undefined ? [] : [`receive interrupts: ${received}`]),
    ...(softnet === undefined
      ? []
      : [
          `softnet: ${sum("dropped")} dropped, ${sum("timeSqueeze")} times out of budget, ${softnet.length} CPUs`,
        ]),
    ...Object.entries(counters)
      .filter(([name, value]) => value > 0 && meaningOfCounter(name) !== "other")
      .map(([name, value]) => `${meaningOfCounter(name)}: ${name} ${value}`),
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
