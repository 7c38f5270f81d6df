import { visibleText } from "../changes/change-text.js";
import type { Block, Section } from "./block.js";
import { subjectOf } from "./finding.js";
import type { Report } from "./report-shape.js";
import { sectionsOf } from "./sections.js";

const foldedLines = 10;

/** For an issue tracker: long logs and diffs are folded. */
export function renderMarkdown(report: Report): string {
  return sectionsMarkdown(subjectOf(report), sectionsOf(report));
}

export function sectionsMarkdown(title: string, sections: readonly Section[]): string {
  const texts = sections.map(
    (section) => `## ${section.title}\n\n${section.blocks.map(blockText).join("\n\n")}\n`,
  );
  return `# ${escapeMarkdown(title)}\n\n${texts.join("\n")}`;
}

function blockText(block: Block): string {
  switch (block.kind) {
    case "prose":
      return escapeMarkdown(block.text);
    case "list":
      return block.items
        .map((item, at) => `${block.ordered === true ? `${at + 1}.` : "-"} ${escapeMarkdown(item)}`)
        .join("\n");
    case "table":
      return [block.head, block.head.map(() => "---"), ...block.rows]
        .map((row) => `| ${row.map((cell) => (cell === "---" ? cell : escapeMarkdown(cell))).join(" | ")} |`)
        .join("\n");
    case "verbatim":
      return verbatim(block);
  }
}

function verbatim({ language, lines, title }: Extract<Block, { kind: "verbatim" }>): string {
  const shown = lines.map(visibleText);
  const longest = Math.max(0, ...shown.map((line) => /`{3,}/.exec(line)?.[0].length ?? 0));
  const fence = "`".repeat(Math.max(3, longest + 1));
  const code = `${fence}${language}\n${shown.join("\n")}\n${fence}`;
  if (lines.length <= foldedLines) return code;
  const summary = `${escapeMarkdown(title)}, ${lines.length} lines`;
  return `<details><summary>${summary}</summary>\n\n${code}\n\n</details>`;
}

/** No text becomes markup: neither Markdown's nor HTML's; "@name" calls nobody. Inside a word "_" is none (CommonMark 6.2). */
function escapeMarkdown(text: string): string {
  return visibleText(text.replace(/\s+/g, " "))
    .replace(/[\\`*[\]#|~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, "\\$&")
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/@/g, "@\u200b")
    .replace(/^(\d+)\. /, "$1\\. ");
}
