// Who calls whom in one tree, read from the text: also through ops tables and function pointers, which is how most of
// a driver is entered. It over-states: a name that is mentioned counts as called.
import type { SourceFile } from "../source/source-file.js";

export interface CallGraph {
  callees: ReadonlyMap<string, ReadonlySet<string>>;
  callers: ReadonlyMap<string, ReadonlySet<string>>;
  /** The file of each function, of its last definition. */
  files: ReadonlyMap<string, string>;
}

const word = /[A-Za-z_]\w*/g;
const assigned = /(?:\.|->)\s*(\w+)\s*=\s*&?\s*([A-Za-z_]\w*)\s*[,;}\n]/g;
const calledField = /(?:->|\.)\s*(\w+)\s*\(/g;
/** A field with more targets than this (`init`, `read`) says nothing about who is called. */
const maxTargets = 12;

/** The call graph of a tree's functions. Pure; needs time in proportion to the text. */
export function buildCallGraph(files: readonly SourceFile[]): CallGraph {
  const bodies = new Map<string, string[]>();
  const fileOf = new Map<string, string>();
  for (const file of files)
    for (const unit of file.units) {
      if (unit.kind !== "function") continue;
      const body = file.text.slice(unit.bodySpan?.startOffset ?? unit.span.startOffset, unit.span.endOffset);
      bodies.set(unit.name, [...(bodies.get(unit.name) ?? []), body]);
      fileOf.set(unit.name, file.path);
    }
  const targets = fieldTargets(files, bodies);
  const callees = new Map<string, Set<string>>();
  const callers = new Map<string, Set<string>>();
  for (const [name, texts] of bodies) {
    const called = new Set(texts.flatMap((text) => calledIn(text, bodies, targets)));
    called.delete(name);
    callees.set(name, called);
    for (const other of called) callers.set(other, (callers.get(other) ?? new Set()).add(name));
  }
  return { callees, callers, files: fileOf };
}

function calledIn(
  text: string,
  known: ReadonlyMap<string, unknown>,
  targets: ReadonlyMap<string, ReadonlySet<string>>,
): string[] {
  const direct = (text.match(word) ?? []).filter((name) => known.has(name));
  const indirect = [...text.matchAll(calledField)].flatMap((m) => [...(targets.get(m[1] ?? "") ?? [])]);
  return [...direct, ...indirect];
}

function fieldTargets(
  files: readonly SourceFile[],
  known: ReadonlyMap<string, unknown>,
): Map<string, Set<string>> {
  const targets = new Map<string, Set<string>>();
  for (const { text } of files)
    for (const [, field, name] of text.matchAll(assigned))
      if (known.has(name ?? ""))
        targets.set(field ?? "", (targets.get(field ?? "") ?? new Set()).add(name ?? ""));
  for (const [field, names] of targets) if (names.size > maxTargets) targets.delete(field);
  return targets;
}
