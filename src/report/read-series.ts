// Samples over time, as a trial's watcher wrote them or as any other program's JSON lines or CSV.
import { SeriesReader, type HostSample, type SeriesLine } from "../evidence/host-sample.js";
import { netdataSeries } from "./netdata-series.js";
import type { SeenText } from "./assemble-report.js";
import type { Report } from "./report-shape.js";
import { tableSeries } from "./table-series.js";

type Series = Report["series"];

/** What a file says is a sample; a part of it may be missing. */
type Sample = Partial<HostSample>;

/** What is drawn of a host's samples, of some hundred values a second. */
const drawn: readonly {
  name: string;
  unit: string;
  pick: (sample: Sample) => number | undefined;
  /** Only its change means something. */
  isChange?: true;
}[] = [
  { name: "unaccounted memory", unit: "bytes", pick: ({ unaccountedBytes }) => unaccountedBytes },
  { name: "available memory", unit: "bytes", pick: ({ memory }) => memory?.MemAvailable },
  { name: "slab", unit: "bytes", pick: ({ slabBytes }) => slabBytes },
  { name: "pages taken minus given back", unit: "pages", pick: ({ livePages }) => livePages, isChange: true },
  { name: "received packets", unit: "packets", pick: ({ nics }) => sumOfLinks(nics, "rx_packets") },
  { name: "sent packets", unit: "packets", pick: ({ nics }) => sumOfLinks(nics, "tx_packets") },
  { name: "NET_RX softirqs", unit: "softirqs", pick: ({ softirqs }) => sum(softirqs?.NET_RX) },
];

/** One series per number that a file holds over time, and its samples where a step wrote it; no series for any other file. */
export function readSeries(source: string, text: string): { series: Series; samples?: GrowingSeries } {
  if (/\.jsonl$/.test(source) && /"sample":\{/.test(text)) {
    const samples = new GrowingSeries();
    samples.push(`${text}\n`);
    return { series: samples.curves().map((curve) => ({ source, ...curve })), samples };
  }
  if (/netdata\.jsonl$/.test(source)) return { series: netdataSeries(source, text) };
  return { series: tableSeries(source, text) };
}

/** What is drawn of a file of samples that still grows. */
export class GrowingSeries {
  /** When each stage began, in the seconds of the series. */
  readonly marks: { atSeconds: number; text: string }[] = [];
  /** The machine's uptime when the series began: the zero of its kernel log's clock. */
  uptimeSeconds: number | undefined;
  /** When the last sample was taken. */
  endSeconds = 0;
  private readonly reader = new SeriesReader();
  private readonly points = drawn.map((): [number, number][] => []);
  private readonly firsts: (number | undefined)[] = [];
  private startMs: number | undefined;
  private stage = "";

  /** The next piece of the file. */
  push(piece: string): void {
    for (const line of this.reader.push(piece)) this.add(line);
  }

  /** Those with a line to draw. */
  curves(): { name: string; unit: string; points: [number, number][] }[] {
    return drawn.flatMap(({ name, unit }, at) => {
      const points = this.points[at]!;
      return points.length < 2 ? [] : [{ name, unit, points }];
    });
  }

  private add({ atMs, stage, sample }: SeriesLine): void {
    this.startMs ??= atMs;
    const uptime: unknown = sample.uptimeSeconds;
    if (typeof uptime === "number") this.uptimeSeconds ??= uptime - (atMs - this.startMs) / 1000;
    const atSeconds = Math.round(atMs - this.startMs) / 1000;
    this.endSeconds = atSeconds;
    drawn.forEach(({ pick, isChange }, at) => {
      const value: unknown = pick(sample);
      if (typeof value !== "number" || !Number.isFinite(value + atMs)) return;
      this.firsts[at] ??= isChange ? value : 0;
      this.points[at]!.push([atSeconds, value - this.firsts[at]]);
    });
    if (stage !== "" && stage !== this.stage) this.marks.push({ atSeconds, text: stage });
    this.stage = stage;
  }
}

function sumOfLinks(nics: Sample["nics"], counter: string): number | undefined {
  const links: (Partial<HostSample["nics"][string]> | null)[] = Object.values(nics ?? {});
  const values = links.flatMap((nic) => nic?.link?.[counter] ?? []);
  return sum(values);
}

function sum(values: unknown): number | undefined {
  const numbers = Array.isArray(values) ? values.filter((value) => typeof value === "number") : [];
  return numbers.length === 0 ? undefined : numbers.reduce((a, b) => a + b, 0);
}

/** What iperf3 measured, interval by interval. */
export function trafficSeries({ source, evidence }: SeenText): Report["series"] {
  const rates = evidence.iperf3?.bitsPerSecond ?? [];
  if (rates.length < 2) return [];
  return [{ source, name: "traffic", unit: "bit/s", points: rates.map((rate, at) => [at, rate]) }];
}
