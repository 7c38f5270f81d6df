// What reading a file found, in columns: an index keeps it, so that a text is scanned once. Texts are JSON, numbers
// 32-bit integers behind it: there are nine for each of a release's ten thousand units.
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
  conditions: string[][];
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

/** Of a unit: where it is, each relative to the unit before it or to the unit itself, and which condition is its own. */
const numbersPerUnit = 9;

/** The length of the JSON (32 bits, as the machine has them), the JSON, the numbers. */
export function encodeUnits({ text, units, problems }: SourceFile): Buffer {
  const numbers = new Int32Array(units.length * numbersPerUnit);
  const columns: Columns = {
    kinds: units.map(({ kind }) => letters[kind]).join(""),
    names: units.map(({ name }) => name),
    hashes: units.map(({ kind, span }) =>
      kind === "function" ? hashText(text, span.startOffset, span.endOffset) : "",
    ),
    conditions: [],
    alternatives: units.flatMap(({ alternatives }, at) =>
      alternatives.length > 0 ? [[at, [...alternatives]] as [number, string[]]] : [],
    ),
    problems: problems.map(({ line, message }) => [line, message]),
  };
  const known = new Map<string, number>();
  const numberOf = (condition: readonly string[]): number => {
    const key = condition.join("\n");
    const number = known.get(key) ?? known.size;
    if (number === known.size) {
      known.set(key, number);
      columns.conditions.push([...condition]);
    }
    return number;
  };
  let [offset, line, place] = [0, 0, 0];
  let last: { condition: readonly string[]; number: number } | undefined;
  for (const { span, docSpan, bodySpan, condition } of units) {
    numbers[place++] = span.startOffset - offset;
    numbers[place++] = span.endOffset - span.startOffset;
    numbers[place++] = span.startOffset - docSpan.startOffset;
    numbers[place++] = bodySpan === undefined ? -1 : bodySpan.startOffset - span.startOffset;
    numbers[place++] = span.startLine - line;
    numbers[place++] = span.endLine - span.startLine;
    numbers[place++] = span.startLine - docSpan.startLine;
    numbers[place++] = bodySpan === undefined ? 0 : bodySpan.startLine - span.startLine;
    offset = span.startOffset;
    line = span.startLine;
    if (last?.condition !== condition) last = { condition, number: numberOf(condition) };
    numbers[place++] = last.number;
  }
  const json = Buffer.from(JSON.stringify(columns));
  const head = Buffer.from(Uint32Array.of(json.length).buffer);
  return Buffer.concat([head, json, Buffer.from(numbers.buffer)]);
}

/** The inverse of encodeUnits. Its text has been checked to be what was written. */
export function decodeUnits(stored: Buffer): StoredUnits {
  const jsonEnd = 4 + new Uint32Array(stored.buffer.slice(stored.byteOffset, stored.byteOffset + 4))[0]!;
  const json = stored.toString("utf8", 4, jsonEnd);
  const { kinds, names, hashes, conditions, ...rest } = JSON.parse(json) as Columns;
  const from = stored.byteOffset + jsonEnd;
  const places = new Int32Array(stored.buffer.slice(from, stored.byteOffset + stored.length));
  const alternatives = new Map(rest.alternatives);
  let [offset, line] = [0, 0];
  const units = names.map((name, at): Unit => {
    const place = at * numbersPerUnit;
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
      condition: conditions[places[place + 8]!]!,
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
