import type { Report } from "./report-shape.js";

/** As schema/report.schema.json describes it. */
export function renderJson(report: Report): string {
  return `${JSON.stringify(report, undefined, 2)}\n`;
}
