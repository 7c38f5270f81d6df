// A C file as units with spans. Every offset belongs to one unit or to the text between units, so that a file can be
// put together again from both.
import { balanceSpans } from "./conditionals.js";
import { lex, TokenList } from "./lex.js";
import { Scanner } from "./scan.js";

export type UnitKind =
  | "function"
  | "macro"
  | "struct"
  | "union"
  | "enum"
  | "typedef"
  | "global"
  | "table"
  | "prototype"
  | "include"
  | "invocation";

/** Offsets count UTF-16 units of the text and `endOffset` is exclusive; lines count from 1, `endLine` is inclusive. */
export interface Span {
  startOffset: number;
  endOffset: number;
  startLine: number;
  endLine: number;
}

/** One top-level thing. `table` is a global with a braced initialiser, `invocation` a bare macro call. */
export interface Unit {
  kind: UnitKind;
  /** The anonymous are called by their first member: `{I40E_ERROR}`. */
  name: string;
  /** The #if branches around the unit, outermost first; an include guard is left out. */
  condition: readonly string[];
  /** The code, with the #if lines that stand half inside it. */
  span: Span;
  /** From the function's `{` to its `}`. */
  bodySpan: Span | undefined;
  /** From the comment that stands directly before the unit (kernel-doc) to the span's end. */
  docSpan: Span;
  /** Names of further headers that share the body under other #if branches, when they differ. */
  alternatives: readonly string[];
}

/** What could not be read as it stands, and where: the diff of such a file falls back to lines. */
export interface SourceProblem {
  path: string;
  line: number;
  message: string;
}

export interface SourceFile {
  path: string;
  text: string;
  /** In order of their spans, which don't overlap. */
  units: Unit[];
  problems: SourceProblem[];
}

/** One file is read at a time, and nothing of its tokens is kept. */
const reused = new TokenList();

/** Reads any text as C. It never throws: what isn't understood is text between units, and a problem says where. */
export function readSource(text: string, path: string): SourceFile {
  const tokens = lex(text, reused);
  const scan = new Scanner(tokens).scan();
  const lines = new LineIndex(text);
  const found = balanceSpans(scan.found, scan.conditionals, text.length);
  let comment = 0;
  let previousEnd = 0;
  const units = found.map((unit): Unit => {
    let docStart = unit.start;
    while (comment < tokens.commentCount && tokens.commentEnd[comment]! <= unit.start) comment++;
    for (let at = comment - 1; at >= 0; at--) {
      const start = tokens.commentStart[at]!;
      if (start < previousEnd || !isOneLineBreak(tokens.codes, tokens.commentEnd[at]!, docStart)) break;
      docStart = start;
    }
    previousEnd = unit.end;
    const span = lines.span(unit.start, unit.end);
    return {
      kind: unit.kind,
      name: unit.name,
      condition: unit.condition,
      span,
      bodySpan: unit.bodyStart === undefined ? undefined : lines.span(unit.bodyStart, unit.end),
      docSpan: docStart === unit.start ? span : lines.span(docStart, unit.end),
      alternatives: unit.alternatives,
    };
  });
  const problems = scan.problems.map(({ at, message }) => ({ path, line: lines.lineOf(at), message }));
  return { path, text, units, problems };
}

/** The pieces of a file in order, units and the text between them; joined they are the file again. */
export function pieces(file: SourceFile): { unit: Unit | undefined; text: string }[] {
  const all: { unit: Unit | undefined; text: string }[] = [];
  let at = 0;
  for (const unit of file.units) {
    if (unit.span.startOffset > at)
      all.push({ unit: undefined, text: file.text.slice(at, unit.span.startOffset) });
    all.push({ unit, text: file.text.slice(unit.span.startOffset, unit.span.endOffset) });
    at = unit.span.endOffset;
  }
  if (at < file.text.length) all.push({ unit: undefined, text: file.text.slice(at) });
  return all;
}

/** A comment belongs to what follows on its line or on the next one. */
function isOneLineBreak(codes: Uint16Array, from: number, to: number): boolean {
  let breaks = 0;
  for (let at = from; at < to; at++) {
    const code = codes[at];
    if (code === 10) breaks++;
    else if (code !== 32 && code !== 9 && code !== 13) return false;
  }
  return breaks < 2;
}

/** Lines by offset; it walks from the last answer, since units come in order. */
class LineIndex {
  private readonly starts = [0];
  private line = 0;

  constructor(text: string) {
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", end + 1)) this.starts.push(end + 1);
  }

  lineOf(offset: number): number {
    while (this.line > 0 && this.starts[this.line]! > offset) this.line--;
    while (this.line + 1 < this.starts.length && this.starts[this.line + 1]! <= offset) this.line++;
    return this.line + 1;
  }

  span(startOffset: number, endOffset: number): Span {
    return {
      startOffset,
      endOffset,
      startLine: this.lineOf(startOffset),
      endLine: this.lineOf(Math.max(startOffset, endOffset - 1)),
    };
  }
}
