// One unit's change as lines with context, and inside a replaced line the words that differ.
import type { UnitChange } from "./change-set.js";
import { diffLines, linesOf } from "./line-diff.js";
import { diffSequences, type Hunk } from "./sequence-diff.js";

/** A piece of a line; `differs` marks the words that the other side doesn't have. */
export interface LinePiece {
  text: string;
  differs: boolean;
}

export interface DiffLine {
  sign: " " | "-" | "+";
  pieces: LinePiece[];
  /** Counting from 1 in the file; undefined on the side where the line isn't. */
  oldLine: number | undefined;
  newLine: number | undefined;
}

/** Lines that stand together; between two hunks lines are left out. */
export type DiffHunk = DiffLine[];

const longLine = 400;

/** `context`: how many unchanged lines to show around a change. An added or removed unit is one hunk. */
export function unifiedDiff(change: UnitChange, context = 3): DiffHunk[] {
  const { hunks } = diffLines(change.oldText, change.newText);
  const texts = { oldLines: linesOf(change.oldText), newLines: linesOf(change.newText) };
  const firstOld = change.oldSpan?.startLine ?? 1;
  const firstNew = change.newSpan?.startLine ?? 1;
  return joinNear(hunks, context).map((group) => hunkLines(texts, group, { context, firstOld, firstNew }));
}

/** Hunks whose contexts touch are shown as one. */
function joinNear(hunks: readonly Hunk[], context: number): Hunk[][] {
  const groups: Hunk[][] = [];
  for (const hunk of hunks) {
    const last = groups.at(-1)?.at(-1);
    if (last !== undefined && hunk.oldStart - last.oldEnd <= 2 * context) groups.at(-1)!.push(hunk);
    else groups.push([hunk]);
  }
  return groups;
}

function hunkLines(
  { oldLines, newLines }: { oldLines: string[]; newLines: string[] },
  group: readonly Hunk[],
  { context, firstOld, firstNew }: { context: number; firstOld: number; firstNew: number },
): DiffHunk {
  const lines: DiffHunk = [];
  const same = (oldFrom: number, oldTo: number, newFrom: number): void => {
    for (let at = oldFrom; at < oldTo; at++)
      lines.push({
        sign: " ",
        pieces: [{ text: oldLines[at]!, differs: false }],
        oldLine: firstOld + at,
        newLine: firstNew + newFrom + at - oldFrom,
      });
  };
  const [first] = group;
  const lead = Math.min(context, first!.oldStart);
  same(first!.oldStart - lead, first!.oldStart, first!.newStart - lead);
  for (const [at, hunk] of group.entries()) {
    const olds = oldLines.slice(hunk.oldStart, hunk.oldEnd);
    const news = newLines.slice(hunk.newStart, hunk.newEnd);
    const words =
      olds.length === news.length ? olds.map((line, index) => diffWords(line, news[index]!)) : undefined;
    for (const [index, text] of olds.entries())
      lines.push({
        sign: "-",
        pieces: words?.[index]?.old ?? [{ text, differs: false }],
        oldLine: firstOld + hunk.oldStart + index,
        newLine: undefined,
      });
    for (const [index, text] of news.entries())
      lines.push({
        sign: "+",
        pieces: words?.[index]?.new ?? [{ text, differs: false }],
        oldLine: undefined,
        newLine: firstNew + hunk.newStart + index,
      });
    const next = group[at + 1];
    const end = next?.oldStart ?? Math.min(oldLines.length, hunk.oldEnd + context);
    same(hunk.oldEnd, end, hunk.newEnd);
  }
  return lines;
}

/** The words of two lines side by side; lines with little in common aren't marked. */
function diffWords(before: string, after: string): { old: LinePiece[]; new: LinePiece[] } | undefined {
  if (before.length > longLine || after.length > longLine) return undefined;
  const olds = before.match(/\w+|\s+|[^\w\s]/g) ?? [];
  const news = after.match(/\w+|\s+|[^\w\s]/g) ?? [];
  const hunks = diffSequences(olds, news);
  const changed = hunks.reduce(
    (sum, hunk) => sum + Math.max(hunk.oldEnd - hunk.oldStart, hunk.newEnd - hunk.newStart),
    0,
  );
  if (changed * 2 > Math.max(olds.length, news.length) + 2) return undefined;
  return {
    old: piecesOf(
      olds,
      hunks.map(({ oldStart, oldEnd }) => [oldStart, oldEnd]),
    ),
    new: piecesOf(
      news,
      hunks.map(({ newStart, newEnd }) => [newStart, newEnd]),
    ),
  };
}

function piecesOf(words: readonly string[], ranges: readonly (readonly number[])[]): LinePiece[] {
  const pieces: LinePiece[] = [];
  let at = 0;
  const add = (to: number, differs: boolean): void => {
    if (to > at) pieces.push({ text: words.slice(at, to).join(""), differs });
    at = to;
  };
  for (const [start, end] of ranges) {
    add(start!, false);
    add(end!, true);
  }
  add(words.length, false);
  return pieces;
}
