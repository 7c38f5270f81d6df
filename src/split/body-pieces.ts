// The statements of a function, or the rows of a table or enum, as pieces of text: every cut is at a place where a
// parser could stop, so that pieces of two versions can be mixed.
import { codeOf } from "./c-code.js";
import { directiveEnd, indexOfCode, isLineStart, restOfLine, skipNoCode } from "./cut-text.js";

export interface Piece {
  text: string;
  code: string;
  /** The blocks and conditionals that are open before the piece, outermost first: "if/for/#". */
  depthBefore: string;
}

/** What ends a piece: a statement's ";" and every brace, or a row's "," inside the outer braces. */
export type PieceKind = "statements" | "rows";

export interface Body {
  /** Up to the brace that opens the body. */
  head: Piece;
  pieces: Piece[];
}

/** A unit's head and pieces, which joined are its text; undefined when its braces or conditionals do not match. */
export function cutBody(text: string, kind: PieceKind): Body | undefined {
  const open = indexOfCode(text, "{");
  if (open < 0) return undefined;
  const start = restOfLine(text, open + 1);
  const pieces = new PieceCutter(text.slice(start), kind).run();
  const head = text.slice(0, start);
  return pieces && { head: { text: head, code: codeOf(head), depthBefore: "" }, pieces };
}

class PieceCutter {
  readonly #pieces: Piece[] = [];
  /** Depths at each open #if: a branch begins where its #if began. */
  readonly #open: { braces: number; brackets: number; blocks: string[] }[] = [];
  #braces = 1;
  #brackets = 0;
  #start = 0;
  #codeAt = -1;
  /** What opened each block, told by its first word. */
  #blocks: string[] = [];
  #depthBefore = "";

  constructor(
    readonly text: string,
    readonly kind: PieceKind,
  ) {}

  run(): Piece[] | undefined {
    const { text } = this;
    for (let at = 0; at < text.length;) {
      const skipped = skipNoCode(text, at);
      const isLiteral = text[at] === '"' || text[at] === "'";
      if (isLiteral && this.#codeAt < 0) this.#codeAt = at;
      if (skipped > at) at = skipped;
      else if (text[at] === "#" && isLineStart(text, at)) at = this.#directive(at);
      else at = this.#character(at);
      if (this.#braces < 0 || this.#brackets < 0) return undefined;
    }
    this.#end(text.length);
    return this.#braces === 0 && this.#brackets === 0 && this.#open.length === 0 ? this.#pieces : undefined;
  }

  #character(at: number): number {
    const char = this.text[at]!;
    const isOwnBrace = this.#brackets === 0;
    if (char === "}" && isOwnBrace && this.kind === "rows" && this.#braces === 1) this.#end(this.#lineOf(at));
    if (this.#codeAt < 0) this.#codeAt = at;
    if (char === "(" || char === "[") this.#brackets++;
    if (char === ")" || char === "]") this.#brackets--;
    if (char === "{") this.#nest(1);
    if (char === "}") this.#nest(-1);
    if (!isOwnBrace || !this.#isCut(char)) return at + 1;
    const stop = restOfLine(this.text, at + 1);
    this.#end(stop);
    return stop;
  }

  /** A brace inside of parentheses belongs to an expression, and only parentheses can end it. */
  #nest(by: 1 | -1): void {
    if (this.#brackets !== 0) return;
    this.#braces += by;
    if (by > 0) this.#blocks.push(/^\w*/.exec(this.text.slice(this.#codeAt, this.#codeAt + 40))![0]);
    else this.#blocks.pop();
  }

  #isCut(char: string): boolean {
    if (this.kind === "statements") return char === ";" || char === "{" || char === "}";
    return this.#braces === 1 && (char === "," || char === "{");
  }

  #directive(at: number): number {
    const stop = directiveEnd(this.text, at);
    const word = /^#\s*(\w+)/.exec(this.text.slice(at, Math.min(stop, at + 40)))?.[1] ?? "";
    const isBetween = this.#codeAt < 0;
    if (isBetween) this.#codeAt = at;
    if (word.startsWith("if"))
      this.#open.push({ braces: this.#braces, brackets: this.#brackets, blocks: [...this.#blocks] });
    else if (word === "endif") {
      if (this.#open.pop() === undefined) this.#braces = -1;
    } else if (word === "else" || word.startsWith("elif")) {
      this.#blocks = [...(this.#open.at(-1)?.blocks ?? [])];
      this.#braces = this.#open.at(-1)?.braces ?? -1;
      this.#brackets = this.#open.at(-1)?.brackets ?? -1;
    }
    if (isBetween) this.#end(stop);
    return stop;
  }

  #lineOf(at: number): number {
    const line = this.text.lastIndexOf("\n", at) + 1;
    return line > this.#start && this.text.slice(line, at).trim() === "" ? line : at;
  }

  #end(at: number): void {
    if (at > this.#start) {
      const text = this.text.slice(this.#start, at);
      this.#pieces.push({ text, code: codeOf(text), depthBefore: this.#depthBefore });
    }
    this.#start = at;
    this.#codeAt = -1;
    this.#depthBefore = [...this.#blocks, ...this.#open.map(() => "#")].join("/");
  }
}
