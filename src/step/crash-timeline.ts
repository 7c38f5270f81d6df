// The last words of a boot from all who heard them, on our clock. Pure.
import { readLogLine } from "../evidence/log-line.js";

/** One text that was kept of the boot that ended. */
export interface CrashText {
  /** Who heard it: console, kernel log, pstore, journal, kdump. */
  source: string;
  file: string;
  text: string;
}

export interface TimelineEntry {
  at: Date;
  source: string;
  text: string;
}

const mostLines = 3000;
/** A clock of printk's that went back so far is another boot's. */
const nextBootSeconds = 5;

/**
 * When the boot's printk clock was 0, by whoever saw both clocks at once: what comes late makes it later, so the
 * earliest is nearest.
 */
export function estimateBoot(pairs: readonly { at: number; uptimeSeconds: number }[]): number | undefined {
  return pairs.reduce<number | undefined>((best, { at, uptimeSeconds }) => {
    const boot = at - uptimeSeconds * 1000;
    return best === undefined || boot < best ? boot : best;
  }, undefined);
}

/**
 * Every line with a time: printk's own where it has one, else the carrier's; a line without one stands with the line
 * before it. `bootMs` is undefined when nobody told the boot's uptime: then the texts' own stamps must do.
 */
export function readTimeline(
  texts: readonly CrashText[],
  events: readonly TimelineEntry[],
  bootMs: number | undefined,
): TimelineEntry[] {
  const lines = texts.map((text) => timedLines(text));
  const boot =
    bootMs ??
    estimateBoot(
      lines
        .flat()
        .flatMap(({ stampMs, uptimeSeconds }) =>
          stampMs === undefined || uptimeSeconds === undefined ? [] : [{ at: stampMs, uptimeSeconds }],
        ),
    );
  const entries = texts.flatMap(({ source }, index) => place(lines[index] ?? [], { source, boot }));
  return [...entries, ...events].sort((a, b) => a.at.getTime() - b.at.getTime());
}

/** The source of the last line, and each source's own last one. */
export function lastWords(timeline: readonly TimelineEntry[]): TimelineEntry[] {
  const last = new Map<string, TimelineEntry>();
  for (const entry of timeline) last.set(entry.source, entry);
  return [...last.values()].sort((a, b) => b.at.getTime() - a.at.getTime());
}

export function renderTimeline(timeline: readonly TimelineEntry[]): string {
  return timeline.map(({ at, source, text }) => `${at.toISOString()} ${source}: ${text}\n`).join("");
}

interface TimedLine {
  text: string;
  stampMs: number | undefined;
  uptimeSeconds: number | undefined;
}

function timedLines({ text }: CrashText): TimedLine[] {
  return text
    .split("\n")
    .slice(-mostLines)
    .filter((line) => line.trim() !== "")
    .map((raw) => {
      const { text: words, uptimeSeconds, stamp } = readLogLine(raw);
      const stampMs = stamp === undefined ? Number.NaN : Date.parse(stamp);
      return { text: words, uptimeSeconds, stampMs: Number.isNaN(stampMs) ? undefined : stampMs };
    });
}

function place(
  lines: readonly TimedLine[],
  { source, boot }: { source: string; boot: number | undefined },
): TimelineEntry[] {
  const entries: TimelineEntry[] = [];
  let last: number | undefined;
  let uptime = 0;
  for (const line of lines) {
    if (line.uptimeSeconds !== undefined) {
      if (line.uptimeSeconds < uptime - nextBootSeconds) break;
      uptime = line.uptimeSeconds;
    }
    const own =
      line.uptimeSeconds === undefined || boot === undefined ? undefined : boot + line.uptimeSeconds * 1000;
    last = own ?? line.stampMs ?? last;
    if (last !== undefined) entries.push({ at: new Date(last), source, text: line.text });
  }
  return entries;
}
