// Which changed units use which: calls, and names in ops tables and function pointers, since a name is a use.
import { wordsOf } from "../source/code-tokens.js";
import type { UnitChange } from "./change-set.js";

/** The units with callers and callees among themselves. A struct or a macro is used, but calls nobody. */
export function relateChanges(units: readonly UnitChange[]): UnitChange[] {
  const named = new Map<string, UnitChange>();
  for (const unit of units) if (unit.kind === "function") named.set(unit.name, unit);
  const callers = new Map<string, Set<string>>();
  const callees = units.map((unit) => {
    if (unit.kind !== "function" && unit.kind !== "table") return [];
    const words = wordsOf(`${unit.oldText}\n${unit.newText}`);
    const used = [...words].filter((word) => word !== unit.name && named.has(word));
    for (const word of used) callers.set(word, (callers.get(word) ?? new Set()).add(unit.name));
    return used.sort();
  });
  return units.map((unit, at) => ({
    ...unit,
    callers: unit.kind === "function" ? [...(callers.get(unit.name) ?? [])].sort() : [],
    callees: callees[at]!,
  }));
}
