import { visibleText } from "../changes/change-text.js";
import type { Block, Section } from "./block.js";
import { subjectOf } from "./finding.js";
import type { Report } from "./report-shape.js";
import { sectionsOf } from "./sections.js";
import { wrap } from "./wrap.js";

/** For a terminal: control characters of logs and sources become visible. */
export function renderText(report: Report, columns = 100): string {
  const subject = visibleText(subjectOf(report));
  return `${subject}\n\n${textBody(report, columns, visibleText)}`;
}

/** The sections as plain text. `clean` is put on every line of a diff; neither diffs nor logs are broken. */
export function textBody(report: Report, columns: number, clean: (line: string) => string): string {
  return sectionsText(sectionsOf(report), columns, clean);
}

export function sectionsText(
  sections: readonly Section[],
  columns: number,
  clean: (line: string) => string,
): string {
  return sections
    .map(({ title, blocks }) => {
      const lines = blocks.flatMap((block, at) => [
        ...(at === 0 ? [] : [""]),
        ...blockLines(block, columns, clean),
      ]);
      return `== ${title}\n\n${lines.join("\n")}\n`;
    })
    .join("\n");
}

function blockLines(block: Block, columns: number, clean: (line: string) => string): string[] {
  switch (block.kind) {
    case "prose":
      return wrap(visibleText(block.text), columns);
    case "list":
      return block.items.flatMap((item, at) => {
        const mark = block.ordered === true ? `${at + 1}.` : "-";
        return wrap(`${mark} ${visibleText(item)}`, columns, " ".repeat(mark.length + 1));
      });
    case "table":
      return tableLines(block.head, block.rows, columns);
    case "verbatim":
      // A diff stands at the line's start, where git am and a reader's editor look for it.
      return block.lines.map((line) =>
        block.language === "diff" && block.apart !== true ? clean(line) : `  ${visibleText(line)}`.trimEnd(),
      );
  }
}

/** The last column is broken where the line ends; the others are as wide as their widest cell. */
function tableLines(head: readonly string[], rows: readonly string[][], columns: number): string[] {
  const all = [head, ...rows].map((row) => row.map(visibleText));
  const widths = head.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)));
  const last = head.length - 1;
  const indent = widths.slice(0, last).reduce((sum, width) => sum + width + 2, 0);
  return all.flatMap((row) => {
    const start = row.slice(0, last).map((cell, at) => cell.padEnd(widths[at]! + 2));
    const rest = wrap(row[last] ?? "", Math.max(20, columns - indent));
    return (rest.length === 0 ? [""] : rest).map((line, at) =>
      `${at === 0 ? start.join("") : " ".repeat(indent)}${line}`.trimEnd(),
    );
  });
}
