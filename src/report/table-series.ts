// Samples over time from any program: JSON lines or CSV whose rows have a time and numbers.
import type { Report } from "./report-shape.js";

type Series = Report["series"];

const timeNames = ["t", "time", "at", "seconds", "elapsedSeconds", "elapsedMs", "timestamp"];

/** One series per number that changes in time; [] for a file that holds none. */
export function tableSeries(source: string, text: string): Series {
  const rows = /\.jsonl$/.test(source) ? jsonRows(text) : /\.csv$/.test(source) ? csvRows(text) : [];
  const timeName = timeNames.find((name) => rows[0] !== undefined && name in rows[0]);
  if (timeName === undefined || rows.length < 2) return [];
  const times = rows.map((row) => secondsOf(timeName, row[timeName]));
  const [first] = times;
  if (first === undefined) return [];
  const names = new Set(rows.flatMap((row) => Object.keys(row)));
  names.delete(timeName);
  return [...names].flatMap((name) => {
    const points = rows.flatMap((row, at): [number, number][] => {
      const [value, time] = [row[name], times[at]];
      return typeof value === "number" && time !== undefined ? [[rounded(time - first), value]] : [];
    });
    return points.length < 2 ? [] : [{ source, name, unit: unitOf(name), points }];
  });
}

type Row = Record<string, unknown>;

/** A last line that a crash cut is left out. Objects in a row are flattened: {"mem":{"freeKib":1}} is mem.freeKib. */
function jsonRows(text: string): Row[] {
  return text.split("\n").flatMap((line) => {
    try {
      const value: unknown = JSON.parse(line);
      return typeof value === "object" && value !== null ? [flat(value as Row)] : [];
    } catch {
      return [];
    }
  });
}

function flat(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).flatMap(([name, value]): [string, unknown][] =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.entries(value as Row).map(([inner, one]) => [`${name}.${inner}`, one])
        : [[name, value]],
    ),
  );
}

function csvRows(text: string): Row[] {
  const [head, ...lines] = text.trim().split("\n");
  const names = head?.split(",").map((name) => name.trim()) ?? [];
  return lines
    .map((line) => line.split(","))
    .filter((cells) => cells.length === names.length)
    .map((cells) =>
      Object.fromEntries(
        cells.map((cell, at) => [
          names[at]!,
          cell.trim() !== "" && Number.isFinite(Number(cell)) ? Number(cell) : cell,
        ]),
      ),
    );
}

function secondsOf(name: string, value: unknown): number | undefined {
  if (typeof value === "string") {
    const time = Date.parse(value);
    return Number.isNaN(time) ? undefined : time / 1000;
  }
  if (typeof value !== "number") return undefined;
  return /Ms$/.test(name) || value > 1e11 ? value / 1000 : value;
}

function unitOf(name: string): string {
  if (/bytes$/i.test(name)) return "bytes";
  if (/ki?b$/i.test(name)) return "KiB";
  if (/pages$/i.test(name)) return "pages";
  if (/bitsPerSecond$/i.test(name)) return "bit/s";
  if (/packets$/i.test(name)) return "packets";
  return "";
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
