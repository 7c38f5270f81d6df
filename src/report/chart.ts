// A line chart as SVG text: d3's scales and shapes, colours from the page's style, so that it follows light and dark.
import { scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import { escapeHtml } from "../changes/escape-html.js";

export interface ChartLine {
  label: string;
  /** Bad ones are drawn bold; nothing is told by colour alone. */
  kind: "good" | "bad" | "other";
  /** Seconds, value. */
  points: readonly (readonly [number, number])[];
}

export interface Chart {
  title: string;
  unit: string;
  lines: readonly ChartLine[];
  marks: readonly ChartMark[];
}

export interface ChartMark {
  atSeconds: number;
  text: string;
  kind: "stage" | "crash" | "verdict";
}

export const chartSize = { width: 760, height: 280 };
const { width, height } = chartSize;
const margin = { top: 46, right: 16, bottom: 38, left: 74 };
const mostPoints = 400;
/** Labels of marks that are close to each other stand below one another; a fourth is only in its mark's title. */
const labelRows = [10, 23, 36];
const letterWidth = 6.4;

/** "slab, bytes"; "received packets" tells its unit itself. */
export function captionOf(title: string, unit: string): string {
  return unit === "" || title.includes(unit) ? title : `${title}, ${unit}`;
}

export function renderChart({ title, unit, lines, marks }: Chart): string {
  const points = lines.flatMap((one) => one.points);
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const end = Math.max(1, largest(xs), largest(marks.map(({ atSeconds }) => atSeconds)));
  const x = scaleLinear([0, end], [margin.left, width - margin.right]);
  // Ticks at round numbers of the unit that is shown: 8 MiB, not 8,000,000 bytes.
  const step = unit === "bytes" ? 1024 ** Math.max(0, Math.floor(Math.log2(largest(ys) || 1) / 10)) : 1;
  const scale = scaleLinear(
    [Math.min(0, smallest(ys)) / step, (largest(ys) || 1) / step],
    [height - margin.bottom, margin.top],
  ).nice(5);
  const y = (value: number): number => scale(value / step);
  const path = line<readonly [number, number]>(
    ([seconds]) => round(x(seconds)),
    ([, value]) => round(y(value)),
  ).digits(1);
  const [left, right, bottom] = [margin.left, width - margin.right, height - margin.bottom];
  const rows = scale.ticks(5).map((tick) => {
    const value = tick * step;
    const at = round(y(value));
    return `<line class="grid" x1="${left}" x2="${right}" y1="${at}" y2="${at}"/><text class="tick" x="${left - 8}" y="${at + 4}" text-anchor="end">${escapeHtml(shortNumber(value, unit))}</text>`;
  });
  const columns = x.ticks(8).map((seconds) => {
    const at = round(x(seconds));
    return `<text class="tick" x="${at}" y="${bottom + 16}" text-anchor="middle">${escapeHtml(shortTime(seconds))}</text>`;
  });
  const drawn = lines.map(
    (one) =>
      `<path class="series ${one.kind}" d="${path(thinned(one.points)) ?? ""}"><title>${escapeHtml(one.label)}</title></path>`,
  );
  const what = `${title}${unit === "" ? "" : ` in ${unit}`} over time: ${lines.map(({ label }) => label).join(", ")}`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(what)}">` +
    rows.join("") +
    `<line class="axis" x1="${left}" x2="${right}" y1="${bottom}" y2="${bottom}"/>` +
    columns.join("") +
    `<text class="tick" x="${right}" y="${height - 4}" text-anchor="end">since the first sample</text>` +
    momentsOf(marks, x, bottom).join("") +
    drawn.join("") +
    `</svg>`
  );
}

function momentsOf(marks: readonly ChartMark[], x: (seconds: number) => number, bottom: number): string[] {
  const ends = labelRows.map(() => 0);
  return marks
    .filter(({ atSeconds }) => atSeconds >= 0)
    .map(({ atSeconds, text, kind }) => {
      const at = round(x(atSeconds));
      const length = text.length * letterWidth;
      const isLate = at + length > width;
      const start = isLate ? at - 3 - length : at + 3;
      const row = ends.findIndex((taken) => start > taken);
      if (row >= 0) ends[row] = start + length;
      const label =
        row < 0
          ? ""
          : `<text class="tick ${kind}" x="${isLate ? at - 3 : at + 3}" y="${labelRows[row]!}"${isLate ? ' text-anchor="end"' : ""}>${escapeHtml(text)}</text>`;
      const top = row < 0 ? margin.top : labelRows[row]! - 8;
      return `<line class="mark ${kind}" x1="${at}" x2="${at}" y1="${top}" y2="${bottom}"><title>${escapeHtml(text)}</title></line>${label}`;
    });
}

/** At most so many points, the least and the greatest value of each stretch among them. */
export function thinned(points: ChartLine["points"]): ChartLine["points"] {
  if (points.length <= mostPoints) return points;
  const size = Math.ceil(points.length / (mostPoints / 2));
  const kept: (readonly [number, number])[] = [];
  for (let at = 0; at < points.length; at += size) {
    const part = points.slice(at, at + size);
    const sorted = [...part].sort((a, b) => a[1] - b[1]);
    kept.push(...[sorted[0]!, sorted.at(-1)!].sort((a, b) => a[0] - b[0]));
  }
  return kept;
}

/** "340 MiB" of bytes, "1.2 M" of anything else. */
export function shortNumber(value: number, unit: string): string {
  const [base, steps] =
    unit === "bytes" ? [1024, ["B", "KiB", "MiB", "GiB", "TiB"]] : [1000, ["", "k", "M", "G", "T"]];
  let [scaled, step] = [value, 0];
  while (Math.abs(scaled) >= base && step < steps.length - 1) {
    scaled /= base;
    step++;
  }
  return `${Number(scaled.toPrecision(3))} ${steps[step]!}`.trim();
}

function shortTime(seconds: number): string {
  if (seconds < 600) return `${seconds} s`;
  return seconds < 36_000 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 360) / 10} h`;
}

function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}

function smallest(values: readonly number[]): number {
  return values.reduce((least, value) => Math.min(least, value), 0);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
