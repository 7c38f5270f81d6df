// Pairs of units, and units without a counterpart, as changes.
import type { UnitChange } from "./change-set.js";
import { classify } from "./classify.js";
import { countLines } from "./line-diff.js";
import { conditionOf, textOf, type Placed } from "./match-units.js";
import type { Rename } from "./renames.js";

/** A unit that kept its name and place; undefined when nothing of it changed. */
export function changedUnit(before: Placed, after: Placed): UnitChange | undefined {
  const classes = classify(before, after);
  return classes.length === 0 ? undefined : pairChange("changed", { before, after, classes });
}

export function movedUnit(before: Placed, after: Placed): UnitChange {
  return pairChange("moved", { before, after, classes: classify(before, after) });
}

export function renamedUnit({ before, after, similarity }: Rename): UnitChange {
  const rounded = Math.round(similarity * 1000) / 1000;
  return {
    ...pairChange("renamed", { before, after, classes: classify(before, after) }),
    similarity: rounded,
  };
}

/** A unit that only one side has. */
export function loneUnit(status: "added" | "removed", placed: Placed): UnitChange {
  const text = textOf(placed);
  const lines = countLines("", text).added;
  return {
    ...named(placed),
    status,
    classes: [],
    ...(status === "added"
      ? { linesAdded: lines, linesRemoved: 0, newSpan: placed.unit.span, oldText: "", newText: text }
      : { linesAdded: 0, linesRemoved: lines, oldSpan: placed.unit.span, oldText: text, newText: "" }),
  };
}

function pairChange(
  status: "changed" | "moved" | "renamed",
  { before, after, classes }: { before: Placed; after: Placed; classes: UnitChange["classes"] },
): UnitChange {
  const [oldText, newText] = [textOf(before), textOf(after)];
  const { added, removed } = countLines(oldText, newText);
  return {
    ...named(after),
    ...(before.unit.name === after.unit.name ? {} : { oldName: before.unit.name }),
    ...(before.file.path === after.file.path ? {} : { oldFile: before.file.path }),
    status,
    classes,
    linesAdded: added,
    linesRemoved: removed,
    oldSpan: before.unit.span,
    newSpan: after.unit.span,
    oldText,
    newText,
  };
}

function named({
  file,
  unit,
}: Placed): Pick<UnitChange, "kind" | "name" | "file" | "condition" | "topics" | "callers" | "callees"> {
  const { kind, name } = unit;
  return { kind, name, file: file.path, condition: conditionOf(unit), topics: [], callers: [], callees: [] };
}
