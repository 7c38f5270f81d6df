import type { ChangeSet, UnitChange } from "../changes/change-set.js";
import { groupChanges } from "../changes/group-changes.js";
import type { Report } from "./report-shape.js";

export function changesOf({ totals, units, old, new: current }: ChangeSet): Report["changes"] {
  const { changed, added, removed, renamed, moved, signature, commentOnly } = totals.functions;
  const topics = groupChanges(units)
    .map(({ topic, units: own }) => ({
      topic,
      functions: new Set(own.filter(({ kind }) => kind === "function").map(({ name }) => name)).size,
      linesAdded: own.reduce((sum, { linesAdded }) => sum + linesAdded, 0),
      linesRemoved: own.reduce((sum, { linesRemoved }) => sum + linesRemoved, 0),
    }))
    .filter(({ linesAdded, linesRemoved }) => linesAdded + linesRemoved > 0);
  return {
    source: `tarbisect diff ${old} ${current}`,
    old,
    new: current,
    files: totals.files,
    changedLines: totals.changedLines,
    changedCodeLines: totals.changedCodeLines,
    functions: { changed, added, removed, renamed, moved, signature, commentOnly },
    topics,
  };
}

export function unitOf(
  { name, file }: { name: string; file: string },
  changes: ChangeSet,
): UnitChange | undefined {
  return changes.units.find((unit) => unit.kind === "function" && unit.name === name && unit.file === file);
}
