// One edit made in several places, and a place that still reads as before: the usual slip of a search and replace by
// hand.
import type { UnitChange } from "../changes/change-set.js";
import { diffSequences } from "../changes/sequence-diff.js";
import type { CallGraph } from "./call-graph.js";

export interface LeftOut {
  /** The line that was changed elsewhere and still stands here. */
  line: string;
  became: string;
  /** In how many functions it was changed. */
  places: number;
}

/** Shorter lines (`return 0;`, `break;`) are alike by chance. */
const shortest = 18;
const fewest = 2;
/** What still stands in many functions is another idiom, not an oversight. */
const mostLeft = 2;

/** Functions of the bad tree that still hold a line which the release replaced alike in several others. */
export function leftOutPlaces(changes: readonly UnitChange[], graph: CallGraph): Map<string, LeftOut> {
  const edits = new Map<string, Map<string, Set<string>>>();
  for (const change of changes)
    for (const [line, became] of replacedLines(change)) {
      const all = edits.get(line) ?? new Map<string, Set<string>>();
      all.set(became, (all.get(became) ?? new Set()).add(change.name));
      edits.set(line, all);
    }
  const repeated = new Map<string, LeftOut>();
  for (const [line, all] of edits)
    for (const [became, names] of all)
      if (names.size >= fewest) repeated.set(line, { line, became, places: names.size });
  return whereLeft(repeated, graph);
}

function whereLeft(repeated: ReadonlyMap<string, LeftOut>, graph: CallGraph): Map<string, LeftOut> {
  const left = new Map<string, [string, LeftOut][]>();
  if (repeated.size > 0)
    for (const { text, units } of graph.sources)
      for (const { kind, name, span } of units)
        if (kind === "function")
          for (const line of new Set(linesOf(text.slice(span.startOffset, span.endOffset)))) {
            const found = repeated.get(line);
            if (found !== undefined) left.set(line, [...(left.get(line) ?? []), [name, found]]);
          }
  return new Map([...left.values()].flatMap((all) => (all.length <= mostLeft ? all : [])));
}

/** Single lines that became single lines. */
function replacedLines({ oldText, newText }: UnitChange): [string, string][] {
  if (oldText === "" || newText === "") return [];
  const [before, after] = [linesOf(oldText), linesOf(newText)];
  return diffSequences(before, after).flatMap(({ oldStart, oldEnd, newStart, newEnd }) =>
    oldEnd - oldStart !== newEnd - newStart
      ? []
      : before
          .slice(oldStart, oldEnd)
          .map((line, at): [string, string] => [line, after[newStart + at] ?? ""])
          .filter(([line]) => line.length >= shortest && !/^(?:\*|\/)/.test(line)),
  );
}

function linesOf(text: string): string[] {
  return text.split("\n").map((line) => line.replace(/\s+/g, " ").trim());
}
