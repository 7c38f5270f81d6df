// What is measured on a machine once a second, and its written form: a line of JSON that holds only what changed.
import { readEthtoolStats } from "./ethtool-stats.js";
import { readMeminfo } from "./meminfo.js";
import { readSlabinfo } from "./slabinfo.js";
import { readSoftirqs, readSoftnetStat } from "./softirqs.js";
import { readVmstat } from "./vmstat.js";

export interface NicSample {
  /** carrier, carrier_changes, mtu and the kernel's own counters of the interface. */
  link: Record<string, number>;
  /** `ethtool -S`, by the driver's names. */
  counters: Record<string, number>;
}

/** One reading; what the machine does not offer is left out. */
export interface HostSample {
  uptimeSeconds: number;
  /** /proc/meminfo in bytes. */
  memory: Record<string, number>;
  unaccountedBytes?: number;
  vmstat: Record<string, number>;
  /** Pages taken minus pages given back; only its change means something. */
  livePages?: number;
  /** Active objects, objects, bytes of each slab cache. */
  slabs: Record<string, [active: number, objects: number, bytes: number]>;
  slabBytes?: number;
  softirqs: Record<string, number[]>;
  /** By CPU: packets processed, dropped, time squeezes. */
  softnet: Record<string, [processed: number, dropped: number, squeezes: number]>;
  nics: Record<string, NicSample>;
}

/**
 * The files of one round: "begin" (uptime), "meminfo", "vmstat", "slabinfo", "softirqs", "softnet", and for each
 * interface "link:NAME" (lines of a name and a number) and "counters:NAME" (ethtool -S). Never throws.
 */
export function readHostSample(files: ReadonlyMap<string, string>): HostSample {
  const memory = readMeminfo(files.get("meminfo") ?? "");
  const vmstat = readVmstat(files.get("vmstat") ?? "");
  const slabs = readSlabinfo(files.get("slabinfo") ?? "") ?? [];
  const uptimeSeconds = Number(files.get("begin"));
  const sample: HostSample = {
    uptimeSeconds: Number.isFinite(uptimeSeconds) ? uptimeSeconds : 0,
    memory: memory?.fields ?? {},
    vmstat: vmstat?.fields ?? {},
    slabs: Object.fromEntries(
      slabs.map((each) => [each.name, [each.activeObjects, each.objects, each.slabBytes]]),
    ),
    softirqs: readSoftirqs(files.get("softirqs") ?? "") ?? {},
    softnet: Object.fromEntries(
      (readSoftnetStat(files.get("softnet") ?? "") ?? []).map((each) => [
        each.cpu,
        [each.processed, each.dropped, each.timeSqueeze],
      ]),
    ),
    nics: readNics(files),
  };
  if (memory?.unaccountedBytes !== undefined) sample.unaccountedBytes = memory.unaccountedBytes;
  if (vmstat?.livePages !== undefined) sample.livePages = vmstat.livePages;
  const slabBytes = sample.memory.Slab;
  if (slabBytes !== undefined) sample.slabBytes = slabBytes;
  return sample;
}

function readNics(files: ReadonlyMap<string, string>): Record<string, NicSample> {
  const names = [...files.keys()].flatMap((name) => (name.startsWith("link:") ? [name.slice(5)] : []));
  return Object.fromEntries(
    names.map((name) => [
      name,
      {
        link: readVmstat(files.get(`link:${name}`) ?? "")?.fields ?? {},
        counters: readEthtoolStats(files.get(`counters:${name}`) ?? "") ?? {},
      },
    ]),
  );
}

type Json = number | string | boolean | undefined | { [name: string]: Json } | Json[];

/** What of `next` differs from `previous`, at any depth; undefined when nothing does. Arrays count as one value. */
export function changedParts(previous: unknown, next: unknown): unknown {
  if (!isObject(previous) || !isObject(next)) return sameValue(previous, next) ? undefined : next;
  const changed = Object.entries(next).flatMap(([name, value]) => {
    const part = changedParts(previous[name], value);
    return part === undefined ? [] : [[name, part] as const];
  });
  return changed.length === 0 ? undefined : Object.fromEntries(changed);
}

/** One line of samples.jsonl. */
export interface SeriesLine {
  atMs: number;
  stage: string;
  sample: HostSample;
}

/** The whole of samples.jsonl; a last line that was cut short is left out. Never throws. */
export function readSeries(text: string): SeriesLine[] {
  return new SeriesReader().push(`${text}\n`);
}

/**
 * Reads samples.jsonl back, piece by piece: each line laid over what the lines before it said, from the last complete one on (`full`).
 * What is not whole is left out. Never throws.
 */
export class SeriesReader {
  private known: Json = {};
  private rest = "";

  /** The lines that the next piece of the file completes. */
  push(piece: string): SeriesLine[] {
    const rows = (this.rest + piece).split("\n");
    this.rest = rows.pop() ?? "";
    return rows.flatMap((row) => this.line(tryJson(row)) ?? []);
  }

  private line(line: unknown): SeriesLine | undefined {
    if (!isObject(line) || !isObject(line.sample)) return undefined;
    this.known = line.full === true ? line.sample : overlaid(this.known, line.sample);
    return {
      atMs: Number(line.atMs),
      stage: typeof line.stage === "string" ? line.stage : "",
      sample: this.known as unknown as HostSample,
    };
  }
}

function overlaid(under: Json, over: Json): Json {
  if (!isObject(under) || !isObject(over)) return over;
  const next: Record<string, Json> = Object.assign({}, under);
  for (const [name, value] of Object.entries(over)) next[name] = overlaid(next[name], value);
  return next;
}

function sameValue(a: unknown, b: unknown): boolean {
  return a === b || (Array.isArray(a) && Array.isArray(b) && JSON.stringify(a) === JSON.stringify(b));
}

function isObject<T>(value: T): value is T & Record<string, Json> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
