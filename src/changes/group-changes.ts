import type { ChangeSet, UnitChange } from "./change-set.js";
import { isNoise } from "./count-changes.js";

export interface ChangeGroup {
  /** The topic, "" for units without one. */
  topic: string;
  units: UnitChange[];
  /** Moves as they were, comments, blanks, other conditions: told by name only unless asked for. */
  noise: UnitChange[];
}

/** By topic in alphabetical order, those without a topic last; a unit stands under its first topic. */
export function groupChanges(units: readonly UnitChange[], foldNoise = true): ChangeGroup[] {
  const groups = new Map<string, ChangeGroup>();
  for (const unit of units) {
    const topic = unit.topics[0] ?? "";
    const group = groups.get(topic) ?? { topic, units: [], noise: [] };
    groups.set(topic, group);
    (foldNoise && isFolded(unit) ? group.noise : group.units).push(unit);
  }
  return [...groups.values()].sort(
    (a, b) => Number(a.topic === "") - Number(b.topic === "") || (a.topic < b.topic ? -1 : 1),
  );
}

/** A unit that only stands under another #if has no diff to show. */
function isFolded(unit: UnitChange): boolean {
  return isNoise(unit) || (unit.linesAdded === 0 && unit.linesRemoved === 0);
}

/** One line on a unit: "function f (was g), changed: signature, body, +3 -1". */
export function describeChange(unit: UnitChange): string {
  const was = unit.oldName === undefined ? "" : ` (was ${unit.oldName})`;
  const alike = unit.similarity === undefined ? "" : ` ${Math.round(unit.similarity * 100)} % alike`;
  const from = unit.oldFile === undefined || unit.status !== "moved" ? "" : ` from ${unit.oldFile}`;
  const classes = unit.classes.length === 0 ? "" : `: ${unit.classes.join(", ")}`;
  const under = unit.condition === "" ? "" : `, #if ${unit.condition}`;
  const lines = `+${unit.linesAdded} -${unit.linesRemoved}`;
  return `${unit.kind} ${unit.name}${was}, ${unit.status}${alike}${from}${classes}, ${lines}${under}`;
}

/** Where it stands: "src/a.c:12", of a removed unit the old place. */
export function placeOf(unit: UnitChange): string {
  const line = (unit.newSpan ?? unit.oldSpan)?.startLine;
  return line === undefined ? unit.file : `${unit.file}:${line}`;
}

/** The totals in a few lines. */
export function totalsLines({ totals, files }: ChangeSet): string[] {
  const { functions, units } = totals;
  const moved = files.filter(({ status }) => status === "moved").length;
  return [
    `functions: ${functions.changed} changed, ${functions.added} added, ${functions.removed} removed, ` +
      `${functions.renamed} renamed, ${functions.moved} moved`,
    `of the changed: ${functions.signature} with another signature, ${functions.commentOnly} only in comments, ` +
      `${functions.whitespaceOnly} only in blanks; ${functions.conditionOnly} more only under another #if`,
    `all units (macros, structs, tables and so on): ${units.changed} changed, ${units.added} added, ${units.removed} removed`,
    `lines: ${totals.changedLines} changed in ${totals.files} files${moved > 0 ? ` (${moved} of them moved)` : ""} as diff -rN counts them; ` +
      `${totals.changedCodeLines} in code, unit by unit`,
  ];
}
