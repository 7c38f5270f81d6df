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

function countUnits(units: readonly UnitChange[]): UnitCounts {
  const status = (wanted: UnitChange["status"]): number =>
    units.filter((unit) => unit.status === wanted).length;
  const having = (wanted: UnitChange["classes"][number]): number =>
    units.filter(({ classes }) => classes.includes(wanted)).length;
  const conditionOnly = units.filter(
    ({ status: is, classes }) => is === "changed" && classes.length === 1 && classes[0] === "condition",
  ).length;
  return {
    changed: status("changed") - conditionOnly,
    conditionOnly,
    added: status("added"),
    removed: status("removed"),
    moved: status("moved"),
    renamed: status("renamed"),
    signature: having("signature"),
    commentOnly: having("comment-only"),
    whitespaceOnly: having("whitespace-only"),
  };
}
