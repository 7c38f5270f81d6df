// Samples over time, as a trial's watcher wrote them or as any other program's JSON lines or CSV.
import { readSeries as readSamples, type HostSample } from "../evidence/host-sample.js";
import { netdataSeries } from "./netdata-series.js";
import type { Report } from "./report-shape.js";
import { tableSeries } from "./table-series.js";

type Series = Report["series"];

/** What a file says is a sample; a part of it may be missing. */
type Sample = Partial<HostSample>;

/** What is drawn of a host's samples, of some hundred values a second. */
const drawn: readonly { name: string; unit: string; pick: (sample: Sample) => number | undefined }[] = [
  { name: "unaccounted memory", unit: "bytes", pick: ({ unaccountedBytes }) => unaccountedBytes },
  { name: "available memory", unit: "bytes", pick: ({ memory }) => memory?.MemAvailable },
  { name: "slab", unit: "bytes", pick: ({ slabBytes }) => slabBytes },
  { name: "pages taken minus given back", unit: "pages", pick: ({ livePages }) => livePages },
  { name: "received packets", unit: "packets", pick: ({ nics }) => sumOfLinks(nics, "rx_packets") },
  { name: "sent packets", unit: "packets", pick: ({ nics }) => sumOfLinks(nics, "tx_packets") },
  { name: "NET_RX softirqs", unit: "softirqs", pick: ({ softirqs }) => sum(softirqs?.NET_RX) },
];

/** One series per number that a file holds over time; [] for any other file. */
export function readSeries(source: string, text: string): Series {
  if (/\.jsonl$/.test(source) && /"sample":\{/.test(text)) return sampleSeries(source, text);
  if (/netdata\.jsonl$/.test(source)) return netdataSeries(source, text);
  return tableSeries(source, text);
}

/** When each stage began, in the seconds of the series. */
export function stageMarks(source: string, text: string): Report["marks"] {
  const lines = readSamples(text);
  const start = lines[0]?.atMs ?? 0;
  return lines.flatMap(({ stage, atMs }, at) =>
    stage === "" || stage === lines[at - 1]?.stage
      ? []
      : [{ source, atSeconds: seconds(atMs - start), text: stage }],
  );
}

function sampleSeries(source: string, text: string): Series {
  const lines = readSamples(text);
  const start = lines[0]?.atMs ?? 0;
  return drawn.flatMap(({ name, unit, pick }) => {
    const points = lines.flatMap(({ atMs, sample }): [number, number][] => {
      const value: unknown = pick(sample);
      return typeof value !== "number" || !Number.isFinite(value + atMs)
        ? []
        : [[seconds(atMs - start), value]];
    });
    return points.length < 2 ? [] : [{ source, name, unit, points }];
  });
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

function seconds(ms: number): number {
  return Math.round(ms) / 1000;
}
