// Who calls whom in one tree, read from the text: also through ops tables, function pointers, work items, timers and
// macros, which is how most of a driver is entered. It over-states: a name that is mentioned counts as called.
import { wordsOf } from "../source/code-tokens.js";
import type { SourceFile, Unit } from "../source/source-file.js";
import { fieldTargets, fieldsUsed } from "./field-targets.js";

export interface CallGraph {
  sources: readonly SourceFile[];
  callees: ReadonlyMap<string, ReadonlySet<string>>;
  callers: ReadonlyMap<string, ReadonlySet<string>>;
  /** The file of each function, of its last definition. */
  files: ReadonlyMap<string, string>;
  /** Static functions with one caller, and those declared inline: the compiler leaves no frame of them. */
  inlined: ReadonlySet<string>;
  /** The words of each function's body, of all its definitions. */
  words: ReadonlyMap<string, ReadonlySet<string>>;
}

/** The call graph of a tree's functions. Pure; needs time in proportion to the text. */
export function buildCallGraph(files: readonly SourceFile[]): CallGraph {
  const bodies = new Map<string, string[]>();
  const others = new Map<string, string[]>();
  const fileOf = new Map<string, string>();
  const polls = new Set<string>();
  const statics = new Map<string, string>();
  for (const file of files)
    for (const unit of file.units) {
      if (unit.kind === "function") {
        const header = file.text.slice(unit.span.startOffset, unit.bodySpan?.startOffset);
        if (isNapiPoll(header)) polls.add(unit.name);
        if (/\b(?:static|inline|__always_inline|INLINE|STATIC)\b/.test(header))
          statics.set(unit.name, header);
        push(bodies, unit.name, bodyOf(file, unit));
        fileOf.set(unit.name, file.path);
      } else if (unit.kind === "macro" || unit.kind === "table") push(others, unit.name, textOf(file, unit));
    }
  const known = (name: string): boolean => fileOf.has(name);
  const targets = fieldTargets(files, known);
  const through = throughMacrosAndTables(others, known);
  const words = new Map<string, Set<string>>();
  const callees = new Map<string, Set<string>>();
  const callers = new Map<string, string[]>();
  for (const [name, texts] of bodies) {
    const text = texts.join("\n");
    const used = wordsOf(text);
    const called = new Set<string>();
    for (const word of used) {
      if (known(word)) called.add(word);
      for (const target of through(word)) called.add(target);
    }
    for (const field of fieldsUsed(text)) for (const target of targets.get(field) ?? []) called.add(target);
    if (polls.size <= maxPolls && schedulesNapi.test(text)) for (const poll of polls) called.add(poll);
    called.delete(name);
    words.set(name, used);
    callees.set(name, called);
    for (const other of called) push(callers, other, name);
  }
  const inlined = [...statics].filter(
    ([name, header]) => /inline/i.test(header) || callers.get(name)?.length === 1,
  );
  return {
    sources: files,
    callees,
    callers: asSets(callers),
    files: fileOf,
    inlined: new Set(inlined.map(([name]) => name)),
    words,
  };
}

/** An interrupt schedules the poll function that was registered at run time, often through a variable. */
const schedulesNapi = /\bnapi_schedule(?:_irqoff|_prep)?\s*\(/;
const maxPolls = 12;

function isNapiPoll(header: string): boolean {
  return /\(\s*struct napi_struct \*\s*\w+\s*,\s*(?:const )?int \w+\s*\)\s*$/.test(header);
}

/** The functions that a macro calls or a table of handlers holds, also through other macros. */
function throughMacrosAndTables(
  others: ReadonlyMap<string, readonly string[]>,
  known: (name: string) => boolean,
): (word: string) => readonly string[] {
  const found = new Map<string, readonly string[]>();
  const none: readonly string[] = [];
  const look = (word: string): readonly string[] => {
    const done = found.get(word);
    if (done !== undefined) return done;
    const texts = others.get(word);
    if (texts === undefined) return none;
    found.set(word, none); // a macro that mentions itself ends here
    const reached = new Set<string>();
    for (const text of texts)
      for (const inner of wordsOf(text.replace(/^\s*#\s*define\s+\w+/, ""))) {
        if (known(inner)) reached.add(inner);
        for (const target of look(inner)) reached.add(target);
      }
    found.set(word, [...reached]);
    return [...reached];
  };
  return look;
}

function bodyOf(file: SourceFile, unit: Unit): string {
  return file.text.slice(unit.bodySpan?.startOffset ?? unit.span.startOffset, unit.span.endOffset);
}

function textOf(file: SourceFile, unit: Unit): string {
  return file.text.slice(unit.span.startOffset, unit.span.endOffset);
}

function push(lists: Map<string, string[]>, key: string, value: string): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

function asSets(lists: ReadonlyMap<string, readonly string[]>): Map<string, Set<string>> {
  return new Map([...lists].map(([key, values]) => [key, new Set(values)]));
}
