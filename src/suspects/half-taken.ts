// A change that was taken over from another driver, or another branch, in part only. Where the changed lines now read as
// the sibling's, an old line beside them that the sibling writes otherwise is the part that was left behind.
import type { UnitChange } from "../changes/change-set.js";
import { diffSequences } from "../changes/sequence-diff.js";
import type { SourceFile } from "../source/source-file.js";

export interface HalfTaken {
  /** What the release reads, and what the sibling has in its place. */
  here: string;
  there: string;
  sibling: string;
}

/** Lines around a hunk that belong to the same edit. */
const around = 6;
const alikeEnough = 0.5;

/** Finds the sibling's function: by the same name, or by the same name behind another driver's prefix. */
export function siblingFunctions(
  files: readonly SourceFile[],
): (name: string) => { name: string; text: string } | undefined {
  const byName = new Map<string, { name: string; text: string }>();
  const byRest = new Map<string, { name: string; text: string }>();
  for (const { text, units } of files)
    for (const { kind, name, span } of units)
      if (kind === "function") {
        const found = { name, text: text.slice(span.startOffset, span.endOffset) };
        byName.set(name, found);
        if (restOf(name).includes("_")) byRest.set(restOf(name), found);
      }
  return (name) => byName.get(name) ?? byRest.get(restOf(name));
}

export function halfTaken(
  change: UnitChange,
  sibling: { name: string; text: string },
): HalfTaken | undefined {
  const [prefix, other] = [prefixOf(change.name), prefixOf(sibling.name)];
  const there = linesOf(sibling.text).map((line) => line.replaceAll(other, prefix));
  const [before, after] = [linesOf(change.oldText), linesOf(change.newText)];
  const [known, own, old] = [new Set(there), new Set(after), new Set(before)];
  for (const hunk of diffSequences(before, after)) {
    const taken = after
      .slice(hunk.newStart, hunk.newEnd)
      .some((line) => line.length > 8 && known.has(line) && !old.has(line));
    if (!taken) continue;
    const beside = after.slice(Math.max(0, hunk.newStart - around), hunk.newEnd + around);
    for (const here of beside.filter((line) => line.length > 8 && old.has(line) && !known.has(line))) {
      const instead = there.find((line) => !own.has(line) && alike(here, line) >= alikeEnough);
      if (instead !== undefined) return { here, there: instead, sibling: sibling.name };
    }
  }
  return undefined;
}

function restOf(name: string): string {
  return name.slice(name.indexOf("_", 1) + 1);
}

function prefixOf(name: string): string {
  return name.slice(0, name.indexOf("_", 1) + 1);
}

function linesOf(text: string): string[] {
  return text.split("\n").map((line) => line.replace(/\s+/g, " ").trim());
}

function alike(one: string, other: string): number {
  const [a, b] = [new Set(one.match(/\w+/g) ?? []), new Set(other.match(/\w+/g) ?? [])];
  const common = [...a].filter((word) => b.has(word)).length;
  return common / Math.max(1, a.size + b.size - common);
}
