import type { ChangeSet, FileChange, UnitChange, UnitCounts } from "./change-set.js";

/** The totals of a comparison; "other" counts as a unit, since its lines are changes too. */
export function countChanges(
  files: readonly FileChange[],
  units: readonly UnitChange[],
): ChangeSet["totals"] {
  const code = units.filter((unit) => !isNoise(unit));
  return {
    changedLines: sum(files),
    changedCodeLines: sum(code),
    files: files.length,
    functions: countUnits(units.filter(({ kind }) => kind === "function")),
    units: countUnits(units),
  };
}

/** Only comments or blanks changed, or the unit stands in another file as it was. */
export function isNoise({ status, classes }: UnitChange): boolean {
  if (status === "moved" && classes.length === 0) return true;
  return classes.length > 0 && classes.every((one) => one === "comment-only" || one === "whitespace-only");
}

function sum(changes: readonly { linesAdded: number; linesRemoved: number }[]): number {
  return changes.reduce((total, { linesAdded, linesRemoved }) => total + linesAdded + linesRemoved, 0);
}

/** By status the variants of one name in one file count once; by class each definition counts. */
function countUnits(units: readonly UnitChange[]): UnitCounts {
  const count = (test: (unit: UnitChange) => boolean): number =>
    new Set(units.filter(test).map(({ kind, file, name }) => `${kind} ${file} ${name}`)).size;
  const status = (wanted: UnitChange["status"]): number =>
    count((unit) => unit.status === wanted && !isConditionOnly(unit));
  const having = (wanted: UnitChange["classes"][number]): number =>
    units.filter(({ classes }) => classes.includes(wanted)).length;
  return {
    changed: status("changed"),
    conditionOnly: count(isConditionOnly),
    added: status("added"),
    removed: status("removed"),
    moved: status("moved"),
    renamed: status("renamed"),
    signature: having("signature"),
    commentOnly: having("comment-only"),
    whitespaceOnly: having("whitespace-only"),
  };
}

function isConditionOnly({ status, classes }: UnitChange): boolean {
  return status === "changed" && classes.length === 1 && classes[0] === "condition";
}
