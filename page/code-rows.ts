// The rows of a hunk as table rows, unified or side by side; long runs of unchanged lines wait behind a button.
import type { PageHunk, PageRow } from "../src/changes/page-data.js";
import { make } from "./element.js";

export type View = "unified" | "side";

/** What is shown of the unchanged lines around a change before the rest is asked for. */
const context = 3;
const shortestGap = 4;

interface Line {
  sign: string;
  row: PageRow;
  oldLine: number;
  newLine: number;
}

/** One table for all hunks of a unit. */
export function codeTable(hunks: readonly PageHunk[], view: View, label: string): HTMLElement {
  const table = make("table", `code ${view}`, make("caption", "hidden", label));
  const columns = [
    "number",
    view === "side" ? "half" : "number",
    view === "side" ? "number" : "sign",
    "half",
  ];
  table.append(make("colgroup", "", ...columns.map((name) => make("col", name))));
  for (const hunk of hunks) table.append(hunkBody(numbered(hunk), view));
  return table;
}

export function rowText(row: PageRow): string {
  return typeof row === "string" ? row.slice(1) : row.slice(1).join("");
}

export function signOf(row: PageRow): string {
  return row[0]!.charAt(0);
}

function numbered({ oldLine, newLine, rows }: PageHunk): Line[] {
  let [old, current] = [oldLine, newLine];
  const hasNumbers = oldLine > 0 || newLine > 0;
  return rows.map((row) => {
    const sign = signOf(row);
    const line = { sign, row, oldLine: 0, newLine: 0 };
    if (!hasNumbers) return line;
    if (sign !== "+") line.oldLine = old++;
    if (sign !== "-") line.newLine = current++;
    return line;
  });
}

function hunkBody(lines: readonly Line[], view: View): HTMLElement {
  const body = make("tbody", "");
  const draw = view === "side" ? sideRows : unifiedRows;
  for (let at = 0; at < lines.length;) {
    const end = endOfRun(lines, at);
    if (lines[at]!.sign !== " ") {
      body.append(...draw(lines.slice(at, end)));
    } else {
      const from = at === 0 ? at : at + context;
      const to = end === lines.length ? end : end - context;
      if (to - from < shortestGap) body.append(...draw(lines.slice(at, end)));
      else {
        body.append(...draw(lines.slice(at, from)));
        body.append(gapRow(lines.slice(from, to), draw));
        body.append(...draw(lines.slice(to, end)));
      }
    }
    at = end;
  }
  return body;
}

/** Unchanged lines end where changed ones begin, and the other way round. */
function endOfRun(lines: readonly Line[], start: number): number {
  const same = lines[start]!.sign === " ";
  let end = start;
  while (end < lines.length && (lines[end]!.sign === " ") === same) end++;
  return end;
}

function gapRow(lines: readonly Line[], draw: (lines: readonly Line[]) => HTMLElement[]): HTMLElement {
  const button = make("button", "", `⋯ ${lines.length} unchanged lines`);
  button.setAttribute("type", "button");
  const cell = make("td", "", button);
  cell.setAttribute("colspan", "4");
  const row = make("tr", "gap", cell);
  button.addEventListener("click", () => row.replaceWith(...draw(lines)));
  return row;
}

function unifiedRows(lines: readonly Line[]): HTMLElement[] {
  return lines.map((line) =>
    make(
      "tr",
      classOf(line),
      numberCell(line.oldLine),
      numberCell(line.newLine),
      make("td", "sign", line.sign),
      make("td", "text", ...pieces(line.row)),
    ),
  );
}

/** The removed lines of a run stand beside the added ones, the first beside the first. */
function sideRows(lines: readonly Line[]): HTMLElement[] {
  const removed = lines.filter(({ sign }) => sign !== "+");
  const added = lines.filter(({ sign }) => sign !== "-");
  const rows: HTMLElement[] = [];
  for (let at = 0; at < Math.max(removed.length, added.length); at++) {
    const [left, right] = [removed[at], added[at]];
    rows.push(make("tr", "", ...sideCells(left, left?.oldLine), ...sideCells(right, right?.newLine)));
  }
  return rows;
}

function sideCells(line: Line | undefined, number: number | undefined): HTMLElement[] {
  if (line === undefined) return [make("td", "number none"), make("td", "text none")];
  const name = classOf(line);
  const cell = numberCell(number ?? 0);
  cell.classList.add(name);
  return [cell, make("td", `text ${name}`, ...pieces(line.row))];
}

function classOf({ sign }: Line): string {
  return sign === "-" ? "old" : sign === "+" ? "new" : "same";
}

function numberCell(number: number): HTMLElement {
  return make("td", "number", number === 0 ? "" : String(number));
}

function pieces(row: PageRow): (string | Node)[] {
  if (typeof row === "string") return [row.slice(1)];
  const tag = signOf(row) === "-" ? "del" : "ins";
  return row.slice(1).map((text, at) => (at % 2 === 0 ? text : make(tag, "", text)));
}
