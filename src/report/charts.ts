import type { Chart, ChartLine } from "./chart.js";
import { version } from "./finding.js";
import type { Report } from "./report-shape.js";

const mostLines = 12;

/** One chart per thing that was measured, a line per trial and host; the target's of bad trials first, since the lines are limited. */
export function chartsOf({ series, trials, marks }: Report): Chart[] {
  const trialOf = (source: string): Report["trials"][number] | undefined =>
    trials.find(({ folder }) => source.startsWith(`${folder}/`));
  const names = new Map<string, Report["series"]>();
  for (const one of series) {
    const key = `${one.name}\n${one.unit}`;
    names.set(key, [...(names.get(key) ?? []), one]);
  }
  return [...names.values()].map((all) => {
    const lines = all
      .map(({ source, points }): ChartLine & { source: string } => {
        const trial = trialOf(source);
        const peer = /\/([^/]+)-samples\.jsonl$/.exec(source)?.[1];
        const by = peer !== undefined ? `, ${peer}` : source.endsWith("netdata.jsonl") ? ", by Netdata" : "";
        const told = trial?.verdict === "good" || trial?.verdict === "bad" ? trial.verdict : "other";
        const label =
          trial === undefined
            ? source
            : `${version(trial.version)} ${trial.commit.slice(0, 10)} of ${trial.startedAt.slice(11, 16)}, ${trial.verdict}${by}`;
        return { source, label, kind: peer === undefined ? told : "other", points };
      })
      .sort((a, b) => Number(b.kind === "bad") - Number(a.kind === "bad"))
      .slice(0, mostLines);
    const [first] = lines;
    return {
      title: all[0]!.name,
      unit: all[0]!.unit,
      lines,
      marks: marks.filter(({ source }) => source === first?.source),
    };
  });
}
