// Memory that no counter explains, from the samples of the stress: its growth, and its slope by least squares.
import { median } from "../evidence/robust.js";
import type { Sample } from "./sample.js";

/** Bytes; a limit that is left out judges nothing. */
export interface MemoryLimits {
  unaccountedLimitBytes: number | undefined;
  slopeLimitBytesPerMinute: number | undefined;
}

const fewestSamples = 6;

/** Says which limit was passed, with the measured values; undefined when none was or too little was measured. */
export function judgeMemory(samples: readonly Sample[], limits: MemoryLimits): string | undefined {
  const series = stressSeries(samples);
  if (series.length < fewestSamples) return undefined;
  const bytes = series.map((point) => point.bytes);
  const growth = median(bytes.slice(-3)) - median(bytes.slice(0, 3));
  const grown = `unaccounted memory grew by ${inMib(growth)} in ${Math.round((series.at(-1)!.atMs - series[0]!.atMs) / 1000)} s`;
  if (limits.unaccountedLimitBytes !== undefined && growth > limits.unaccountedLimitBytes)
    return `${grown}, more than ${inMib(limits.unaccountedLimitBytes)}`;
  // Buffers that traffic needs are taken at its start; what goes on after that is a leak.
  const slope = slopePerMinute(series.slice(Math.floor(series.length / 5)));
  if (limits.slopeLimitBytesPerMinute !== undefined && slope > limits.slopeLimitBytesPerMinute)
    return `unaccounted memory grows by ${inMib(slope)} a minute, more than ${inMib(limits.slopeLimitBytesPerMinute)}`;
  return undefined;
}

/** Whether the stress left enough samples; without them a limit of the user's is not kept, only unseen. */
export function canJudgeMemory(samples: readonly Sample[]): boolean {
  return stressSeries(samples).length >= fewestSamples;
}

function stressSeries(samples: readonly Sample[]): { atMs: number; bytes: number }[] {
  return samples.flatMap(({ stage, atMs, unaccountedBytes }) =>
    stage === "stress" && unaccountedBytes !== undefined ? [{ atMs, bytes: unaccountedBytes }] : [],
  );
}

function slopePerMinute(series: readonly { atMs: number; bytes: number }[]): number {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [time, level] = [mean(series.map((point) => point.atMs)), mean(series.map((point) => point.bytes))];
  const spread = series.reduce((sum, point) => sum + (point.atMs - time) ** 2, 0);
  const together = series.reduce((sum, point) => sum + (point.atMs - time) * (point.bytes - level), 0);
  return spread === 0 ? 0 : (together / spread) * 60_000;
}

function inMib(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}
