import { visibleText } from "../changes/change-text.js";
import { shortNumber } from "./chart.js";
import { durationText } from "./duration-text.js";
import type { Curve, Progress } from "./progress-shape.js";
import { bisectWords, currentWords } from "./progress-words.js";
import { wrap } from "./wrap.js";

const mostTrials = 12;
const bars = "▁▂▃▄▅▆▇█";

/** Where a bisect stands, for a terminal of so many columns. */
export function renderProgress(progress: Progress, columns = 100): string {
  const { repository, curves, trials } = progress;
  const words = [`${repository}: ${bisectWords(progress)}`, currentWords(progress)].filter(
    (text) => text !== "",
  );
  const nameWidth = Math.max(0, ...curves.map(({ name }) => name.length));
  const older = trials.length - mostTrials;
  return [
    ...words.flatMap((text) => wrap(visibleText(text), columns, "  ")),
    ...curves.map((curve) => curveLine(curve, nameWidth, columns)),
    ...(older > 0 ? [`${older} earlier trials`] : []),
    ...trials.slice(-mostTrials).map((trial) => visibleText(trialLine(trial)).slice(0, columns)),
    "",
  ].join("\n");
}

function trialLine({
  startedAt,
  version,
  commit,
  verdict,
  detail,
  durationMs,
}: Progress["trials"][number]): string {
  const took = durationMs === undefined ? "" : durationText(durationMs);
  const words = [
    startedAt.slice(11, 16),
    version.padEnd(10),
    commit.slice(0, 10),
    verdict.padEnd(5),
    took.padEnd(7),
  ];
  return `${words.join("  ")}  ${detail.replace(/\s+/g, " ")}`.trimEnd();
}

/** A row of bars between the least and the greatest value, which stand behind it. */
function curveLine({ name, unit, points }: Curve, nameWidth: number, columns: number): string {
  const values = points.map(([, value]) => value);
  const [least, greatest] = [Math.min(...values), Math.max(...values)];
  const label = ` ${shortNumber(least, unit)} to ${shortNumber(greatest, unit)}, now ${shortNumber(values.at(-1)!, unit)}`;
  const width = Math.max(8, Math.min(60, columns - nameWidth - label.length - 4));
  const step = Math.max(1, values.length / width);
  const row = Array.from({ length: Math.min(width, values.length) }, (_, at) => {
    const value = values[Math.min(values.length - 1, Math.floor((at + 1) * step) - 1)]!;
    const height = greatest === least ? 0 : (value - least) / (greatest - least);
    return bars[Math.round(height * (bars.length - 1))]!;
  });
  return `  ${name.padEnd(nameWidth)} ${row.join("")}${label}`;
}
