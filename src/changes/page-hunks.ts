import type { UnitChange } from "./change-set.js";
import { visibleCode } from "./escape-html.js";
import type { PageHunk, PageRow } from "./page-data.js";
import { unifiedDiff, type DiffLine } from "./unified-diff.js";

/** A unit's change as the page's script draws it, with so many lines of context. */
export function pageHunks(unit: UnitChange, context: number): PageHunk[] {
  // What stands outside units is gathered from many places, so its lines have no numbers.
  const numbered = unit.kind !== "other";
  return unifiedDiff(unit, context).map((lines) => ({
    oldLine: numbered ? firstOf(lines, ({ oldLine }) => oldLine) : 0,
    newLine: numbered ? firstOf(lines, ({ newLine }) => newLine) : 0,
    rows: lines.map(pageRow),
  }));
}

function firstOf(lines: readonly DiffLine[], pick: (line: DiffLine) => number | undefined): number {
  for (const line of lines) {
    const number = pick(line);
    if (number !== undefined) return number;
  }
  return 0;
}

function pageRow({ sign, pieces }: DiffLine): PageRow {
  if (!pieces.some(({ differs }) => differs))
    return sign + visibleCode(pieces.map(({ text }) => text).join(""));
  const turns: string[] = [];
  let isDiffering = false;
  let turn = "";
  for (const { text, differs } of pieces) {
    if (differs !== isDiffering) {
      turns.push(turn);
      turn = "";
      isDiffering = differs;
    }
    turn += visibleCode(text);
  }
  return [sign, ...turns, turn];
}
