import type { ReportFacts } from "./assemble-report.js";

/** What could not be analysed, in words. */
export function gapsOf({ changes, traces, trials }: ReportFacts): string[] {
  return [
    ...changes.problems.map(
      ({ path, line, message }) => `${path}:${line}: ${message}; its diff falls back to lines`,
    ),
    ...traces
      .filter(({ evidence }) => Object.keys(evidence).length === 0)
      .map(({ source }) => `${source}: nothing in it that tarbisect knows`),
    ...trials
      .filter(({ trial }) => trial.verdict === "cut" || trial.verdict === "fault")
      .map(({ trial }) => `${trial.folder}: ${trial.detail}`),
  ];
}
