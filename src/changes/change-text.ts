import type { ChangeSet, UnitChange } from "./change-set.js";
import { describeChange, groupChanges, placeOf, totalsLines } from "./group-changes.js";
import { unifiedDiff, type DiffLine } from "./unified-diff.js";

export interface TextOptions {
  /** Only the lists, no diffs. */
  stat?: boolean;
  /** Show the diffs of comments, blanks and moves too. */
  noise?: boolean;
  colour?: boolean;
  /** Where prose is broken; diffs keep their lines. */
  columns?: number;
}

/** The comparison as plain text, for a terminal or a mail. Control characters of the sources become visible. */
export function renderText(changes: ChangeSet, options: TextOptions = {}): string {
  const out: string[] = [];
  const say = (text: string, indent = ""): void =>
    void out.push(...wrap(visibleText(text), options.columns, indent));
  say(`${changes.old} -> ${changes.new}`);
  for (const line of totalsLines(changes)) say(line);
  for (const { path, line, message } of changes.problems) say(`not read fully: ${path}:${line}: ${message}`);
  for (const { topic, units, noise } of groupChanges(changes.units, options.noise !== true)) {
    out.push("");
    say(
      `== ${topic === "" ? "no topic" : topic} (${units.length}${noise.length > 0 ? `, ${noise.length} more folded` : ""})`,
    );
    for (const unit of units) {
      if (!options.stat) out.push("");
      say(`${placeOf(unit)} ${describeChange(unit)}`, "    ");
      if (options.stat) continue;
      for (const line of relations(unit)) say(line, "    ");
      out.push(...diffText(unit, options.colour === true));
    }
    if (noise.length > 0) {
      if (!options.stat) out.push("");
      say(`folded (comments, blanks, moves, other #if): ${noise.map(({ name }) => name).join(", ")}`, "    ");
    }
  }
  return `${out.join("\n")}\n`;
}

function relations({ callers, callees }: UnitChange): string[] {
  return [
    ...(callers.length > 0 ? [`  used by the changed ${callers.join(", ")}`] : []),
    ...(callees.length > 0 ? [`  uses the changed ${callees.join(", ")}`] : []),
  ];
}

/** The hunks of one unit, without a heading. */
export function renderDiff(unit: UnitChange, colour = false): string {
  return diffText(unit, colour).join("\n");
}

function diffText(unit: UnitChange, colour: boolean): string[] {
  return unifiedDiff(unit).flatMap((lines) => [
    hunkHeader(lines),
    ...lines.map((line) => diffLine(line, colour)),
  ]);
}

/** As `diff -u` writes it, with the line numbers of the files. */
export function hunkHeader(lines: readonly DiffLine[]): string {
  const side = (pick: (line: DiffLine) => number | undefined): string => {
    const numbers = lines.flatMap((line) => pick(line) ?? []);
    return `${numbers[0] ?? 0},${numbers.length}`;
  };
  return `@@ -${side((line) => line.oldLine)} +${side((line) => line.newLine)} @@`;
}

function diffLine({ sign, pieces }: DiffLine, colour: boolean): string {
  if (!colour || sign === " ") return sign + pieces.map(({ text }) => visibleText(text)).join("");
  const start = sign === "-" ? "\u001b[31m" : "\u001b[32m";
  const text = pieces.map((piece) =>
    piece.differs ? `\u001b[7m${visibleText(piece.text)}\u001b[27m` : visibleText(piece.text),
  );
  return `${start}${sign}${text.join("")}\u001b[0m`;
}

/** A source must not steer the terminal that shows it: control characters become \\x1b and the like. */
export function visibleText(text: string): string {
  return text
    .replace(/\r$/, "")
    .replace(
      /[\0-\x08\x0b-\x1f\x7f-\x9f]/g,
      (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`,
    );
}

function wrap(text: string, columns: number | undefined, indent: string): string[] {
  if (columns === undefined || text.length <= columns) return [text];
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line.trim() !== "" && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = indent + word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
