// What reading a file found, as one line of JSON in columns: an index keeps it, so that a text is scanned once.
import { hashText } from "./hash-text.js";
import type { SourceFile, SourceProblem, Span, Unit, UnitKind } from "./source-file.js";

/** A file's units without its text. */
export interface StoredUnits {
  units: Unit[];
  problems: Omit<SourceProblem, "path">[];
  /** By unit; of the text of a function, "" for other units. */
  hashes: string[];
}

interface Columns {
  kinds: string;
  names: string[];
  hashes: string[];
  /** Eight numbers per unit, each relative to the unit before it or to the unit itself. */
  places: number[];
  conditions: string[][];
  conditionOf: number[];
  alternatives: [number, string[]][];
  problems: [number, string][];
}

const letters = {
  function: "f",
  macro: "m",
  struct: "s",
  union: "u",
  enum: "e",
  typedef: "y",
  global: "g",
  table: "t",
  prototype: "p",
  include: "i",
  invocation: "v",
} as const satisfies Record<UnitKind, string>;

const kindOf = new Map(Object.entries(letters).map(([kind, letter]) => [letter as string, kind as UnitKind]));

export function encodeUnits({ text, units, problems }: SourceFile): string {
  const columns: Columns = {
    kinds: units.map(({ kind }) => letters[kind]).join(""),
    names: units.map(({ name }) => name),
    hashes: units.map(({ kind, span }) =>
      kind === "function" ? hashText(text, span.startOffset, span.endOffset) : "",
    ),
    places: new Array<number>(units.length * 8),
    conditions: [],
    conditionOf: [],
    alternatives: units.flatMap(({ alternatives }, at) =>
      alternatives.length > 0 ? [[at, [...alternatives]] as [number, string[]]] : [],
    ),
    problems: problems.map(({ line, message }) => [line, message]),
  };
  const known = new Map<string, number>();
  let [offset, line, place] = [0, 0, 0];
  for (const { span, docSpan, bodySpan, condition } of units) {
    const { places } = columns;
    places[place++] = span.startOffset - offset;
    places[place++] = span.endOffset - span.startOffset;
    places[place++] = span.startOffset - docSpan.startOffset;
    places[place++] = bodySpan === undefined ? -1 : bodySpan.startOffset - span.startOffset;
    places[place++] = span.startLine - line;
    places[place++] = span.endLine - span.startLine;
    places[place++] = span.startLine - docSpan.startLine;
    places[place++] = bodySpan === undefined ? 0 : bodySpan.startLine - span.startLine;
    offset = span.startOffset;
    line = span.startLine;
    const key = condition.length === 0 ? "" : condition.join("\n");
    if (!known.has(key)) {
      known.set(key, known.size);
      columns.conditions.push([...condition]);
    }
    columns.conditionOf.push(known.get(key)!);
  }
  return JSON.stringify(columns);
}

/** The inverse of encodeUnits. Its text has been checked to be what was written. */
export function decodeUnits(stored: string): StoredUnits {
  const { kinds, names, hashes, places, conditions, conditionOf, ...rest } = JSON.parse(stored) as Columns;
  const alternatives = new Map(rest.alternatives);
  let [offset, line] = [0, 0];
  const units = names.map((name, at): Unit => {
    const place = at * 8;
    offset += places[place]!;
    line += places[place + 4]!;
    const endOffset = offset + places[place + 1]!;
    const endLine = line + places[place + 5]!;
    const span: Span = { startOffset: offset, endOffset, startLine: line, endLine };
    const back = places[place + 2]!;
    const body = places[place + 3]!;
    return {
      kind: kindOf.get(kinds[at]!)!,
      name,
      condition: conditions[conditionOf[at]!]!,
      span,
      bodySpan:
        body < 0
          ? undefined
          : { startOffset: offset + body, endOffset, startLine: line + places[place + 7]!, endLine },
      docSpan:
        back === 0
          ? span
          : { startOffset: offset - back, endOffset, startLine: line - places[place + 6]!, endLine },
      alternatives: alternatives.get(at) ?? none,
    };
  });
  return { units, hashes, problems: rest.problems.map(([at, message]) => ({ line: at, message })) };
}

const none: readonly string[] = [];
