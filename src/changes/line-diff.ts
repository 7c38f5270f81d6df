// Lines as diff counts them.
import { diffSequences, type Hunk } from "./sequence-diff.js";

export interface LineDiff {
  oldLines: string[];
  newLines: string[];
  hunks: Hunk[];
  added: number;
  removed: number;
}

/** The lines of a text, without their ends; a last line without "\n" is a line too. */
export function linesOf(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

export function diffLines(before: string, after: string): LineDiff {
  const oldLines = linesOf(before);
  const newLines = linesOf(after);
  const hunks = diffSequences(oldLines, newLines);
  const added = hunks.reduce((sum, hunk) => sum + hunk.newEnd - hunk.newStart, 0);
  const removed = hunks.reduce((sum, hunk) => sum + hunk.oldEnd - hunk.oldStart, 0);
  return { oldLines, newLines, hunks, added, removed };
}
