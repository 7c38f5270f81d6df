import type { ChangeSet } from "./change-set.js";
import { hunkHeader } from "./change-text.js";
import { describeChange, groupChanges, placeOf, totalsLines } from "./group-changes.js";
import { unifiedDiff } from "./unified-diff.js";

/** The comparison as Markdown; code stands in fences longer than any run of backticks inside. */
export function renderMarkdown(
  changes: ChangeSet,
  options: { stat?: boolean; noise?: boolean } = {},
): string {
  const out = [`# ${escape(changes.old)} -> ${escape(changes.new)}`, ""];
  out.push(...totalsLines(changes).map((line) => `- ${line}`));
  for (const { path, line, message } of changes.problems)
    out.push(`- not read fully: ${escape(`${path}:${line}: ${message}`)}`);
  for (const { topic, units, noise } of groupChanges(changes.units, options.noise !== true)) {
    out.push("", `## ${topic === "" ? "No topic" : escape(topic)} (${units.length})`, "");
    for (const unit of units) {
      if (options.stat) {
        out.push(`- ${escape(`${placeOf(unit)} ${describeChange(unit)}`)}`);
        continue;
      }
      const code = unifiedDiff(unit)
        .map((lines) =>
          [
            hunkHeader(lines),
            ...lines.map(({ sign, pieces }) => sign + pieces.map(({ text }) => text).join("")),
          ].join("\n"),
        )
        .join("\n");
      const fence = "`".repeat(Math.max(3, ...[...code.matchAll(/`+/g)].map(([run]) => run.length + 1)));
      out.push(
        `### ${escape(unit.name)}`,
        "",
        escape(`${placeOf(unit)} ${describeChange(unit)}`),
        "",
        `${fence}diff`,
        code,
        fence,
        "",
      );
    }
    if (noise.length > 0)
      out.push(
        "",
        `Folded (comments, blanks, moves, other #if): ${escape(noise.map(({ name }) => name).join(", "))}`,
      );
  }
  return `${out.join("\n").replace(/\n{3,}/g, "\n\n")}\n`;
}

function escape(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|~]/g, "\\$&").replace(/[\r\n]+/g, " ");
}
