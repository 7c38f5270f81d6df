// Which changed units use which: calls, names in ops tables and function pointers (a name is a use), and calls through
// a member that an ops table or an assignment fills with a changed function.
import { wordsOf } from "../source/code-tokens.js";
import type { SourceFile } from "../source/source-file.js";
import type { UnitChange } from "./change-set.js";

/** A member with more targets than this (`init`, `read`) says nothing about who is called. */
const maxTargets = 12;
const filled = /(?:\.|->)\s*(\w+)\s*=\s*&?\s*([A-Za-z_]\w*)\s*[,;}\n]/g;
const calledMember = /(?:->|\.)\s*(\w+)\s*\(/g;

/**
 * The units with callers and callees among themselves. A struct or a macro is used, but calls nobody. `sources`: files
 * whose ops tables count although they did not change.
 */
export function relateChanges(
  units: readonly UnitChange[],
  sources: Iterable<SourceFile> = [],
): UnitChange[] {
  const named = new Set(units.flatMap(({ kind, name }) => (kind === "function" ? [name] : [])));
  const targets = memberTargets(units, sources);
  const callers = new Map<string, Set<string>>();
  const callees = units.map((unit) => {
    if (unit.kind !== "function" && unit.kind !== "table") return [];
    const text = `${unit.oldText}\n${unit.newText}`;
    const used = wordsOf(text);
    for (const [, member] of text.matchAll(calledMember))
      for (const target of targets.get(member!) ?? []) used.add(target);
    const changed = [...used].filter((word) => word !== unit.name && named.has(word));
    for (const word of changed) callers.set(word, (callers.get(word) ?? new Set()).add(unit.name));
    return changed.sort();
  });
  return units.map((unit, at) => ({
    ...unit,
    callers: unit.kind === "function" ? [...(callers.get(unit.name) ?? [])].sort() : [],
    callees: callees[at]!,
  }));
}

/** By member the functions that ops tables and changed code put there. */
function memberTargets(
  units: readonly UnitChange[],
  sources: Iterable<SourceFile>,
): Map<string, Set<string>> {
  const targets = new Map<string, Set<string>>();
  const read = (text: string): void => {
    for (const [, member, name] of text.matchAll(filled))
      targets.set(member!, (targets.get(member!) ?? new Set()).add(name!));
  };
  for (const { kind, oldText, newText } of units)
    if (kind === "function" || kind === "table") [oldText, newText].forEach(read);
  for (const { text, units: all } of sources)
    for (const { kind, span } of all)
      if (kind === "table") read(text.slice(span.startOffset, span.endOffset));
  for (const [member, names] of targets) if (names.size > maxTargets) targets.delete(member);
  return targets;
}
