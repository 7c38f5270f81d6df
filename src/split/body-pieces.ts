// The statements of a function, or the rows of a table or enum, as pieces of text: every cut is at a place where a
// parser could stop, so that pieces of two versions can be mixed.
import { codeOf } from "./c-code.js";
import { Cases } from "./cases.js";
import { directiveEnd, indexOfCode, isLineStart, restOfLine, skipNoCode } from "./cut-text.js";

export interface Piece {
  text: string;
  code: string;
  /** The blocks and conditionals that are open before the piece, outermost first: "if/for/#". */
  depthBefore: string;
  /** The case of each switch around it that no loop is around: "3:1 7:0" is case 1 of switch 3 and case 0 of 7. */
  cases: string;
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
  return pieces && { head: { text: head, code: codeOf(head), depthBefore: "", cases: "" }, pieces };
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
  /** Where the running statement began: "} while (x);" is one piece of two. */
  #wordAt = -1;
  #isAssigning = false;
  #depthBefore = "";
  readonly #cases = new Cases();

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
    const isLast = char === "}" && this.kind === "rows" && this.#brackets === 0 && this.#braces === 1;
    if (isLast) this.#end(this.#lineOf(at));
    if (this.#codeAt < 0) this.#codeAt = at;
    if (this.#wordAt < 0) this.#wordAt = at;
    if (this.#isInValue(char)) {
      if ("([{".includes(char)) this.#brackets++;
      if (")]}".includes(char)) this.#brackets--;
      return at + 1;
    }
    const closed = this.#nest(char);
    if (isAssignment(this.text, at)) this.#isAssigning = true;
    if (!this.#isCut(char)) return at + 1;
    const isLoop = closed === "do" && nextWord(this.text, at + 1) === "while";
    return isLoop ? this.#restart(at + 1) : this.#cut(at + 1);
  }

  /** Braces in parentheses or after "=" are part of a value, which has no statements of its own. */
  #isInValue(char: string): boolean {
    if (this.#brackets > 0 || char === "(" || char === "[") return true;
    if (char !== "{" || this.kind === "rows") return false;
    return this.#isAssigning || this.text.startsWith("return", this.#wordAt);
  }

  /** Follows the braces of blocks; what opened the block that ends here, if one does. */
  #nest(char: string): string | undefined {
    if (char === "{") {
      this.#braces++;
      this.#blocks.push(wordAt(this.text, this.#wordAt));
    }
    if (char !== "}") return undefined;
    this.#braces--;
    return this.#blocks.pop();
  }

  #restart(at: number): number {
    this.#wordAt = -1;
    this.#isAssigning = false;
    return at;
  }

  #cut(at: number): number {
    const stop = restOfLine(this.text, at);
    this.#end(stop);
    return stop;
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
      const code = codeOf(text);
      const depthBefore = this.#depthBefore;
      this.#pieces.push({ text, code, depthBefore, cases: this.#cases.at(depthBefore, code) });
    }
    this.#start = at;
    this.#codeAt = -1;
    this.#restart(at);
    this.#depthBefore = [...this.#blocks, ...this.#open.map(() => "#")].join("/");
  }
}

function isAssignment(text: string, at: number): boolean {
  return text[at] === "=" && text[at + 1] !== "=" && !/[=!<>]/.test(text[at - 1] ?? "");
}

function nextWord(text: string, at: number): string {
  let start = at;
  for (;;) {
    const char = text[start];
    if (char === undefined || char === '"' || char === "'") return "";
    const skipped = skipNoCode(text, start);
    if (skipped === start) return wordAt(text, start);
    start = skipped;
  }
}

function wordAt(text: string, at: number): string {
  return /^\w*/.exec(text.slice(at, at + 40))![0];
}
