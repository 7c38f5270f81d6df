// C text to tokens: words, numbers, literals and single marks; a preprocessor line is one token. No allocation per
// token, for a release holds half a million of them.

export const WORD = 1;
export const NUMBER = 2;
export const LITERAL = 3;
export const MARK = 4;
export const DIRECTIVE = 5;

/** Parallel arrays; `start` and `end` are offsets in `text`. Comments are kept apart, in order. */
export interface Tokens {
  text: string;
  /** The text's UTF-16 units and zeros behind them: reading them is several times faster than charCodeAt. */
  codes: Uint16Array;
  count: number;
  kind: Uint8Array;
  /** The character of a mark, of a digraph (`<%` for `{`) the one that it stands for; 0 for other tokens. */
  mark: Uint8Array;
  start: Int32Array;
  end: Int32Array;
  commentCount: number;
  commentStart: Int32Array;
  commentEnd: Int32Array;
}

const BLANK = 0;
/** Of a token's last unit the next two are looked at. */
const codesBehind = 4;
const newline = 10;
const carriageReturn = 13;
const quote = 34;
const hash = 35;
const percent = 37;
const apostrophe = 39;
const star = 42;
const dot = 46;
const slash = 47;
const colon = 58;
const less = 60;
const greater = 62;
const backslash = 92;
const [openBracket, closeBracket, openBrace, closeBrace] = [91, 93, 123, 125];

/** By UTF-16 unit; what is no ASCII is taken for a letter. */
const classOf = new Uint8Array(1 << 16).fill(WORD);
for (let code = 0; code < 128; code++) classOf[code] = classOfAscii(String.fromCharCode(code));

/** By UTF-16 unit, 1 where a word or number goes on with it: a table, for a call per letter is what the scan would cost. */
export const isWordPart = new Uint8Array(1 << 16).fill(1);
for (let code = 0; code < 128; code++)
  isWordPart[code] = classOf[code] === WORD || classOf[code] === NUMBER ? 1 : 0;

function classOfAscii(char: string): number {
  return /[A-Za-z_$]/.test(char) ? WORD : /[0-9]/.test(char) ? NUMBER : /\s/.test(char) ? BLANK : MARK;
}

/**
 * Every text has tokens: a literal that is not closed ends with its line, a comment with the text. They are in the memory
 * that is given, until it is given again: with new memory for each text a comparison spends a fifth of its time on it.
 */
export function lex(text: string, tokens: TokenList): Tokens {
  tokens.begin(text);
  let { kind: kinds, mark: marks, start: starts, end: ends } = tokens;
  const { codes } = tokens;
  const { length } = text;
  let at = 0;
  let count = 0;
  let lineBegins = true;
  while (at < length) {
    const code = codes[at]!;
    let kind = classOf[code]!;
    if (kind === BLANK) {
      if (code === newline) lineBegins = true;
      at++;
      continue;
    }
    const begin = at++;
    let mark = 0;
    if (kind === WORD) while (isWordPart[codes[at]!] === 1) at++;
    else if (kind === NUMBER) at = endOfNumber(codes, at);
    else if (code === slash && isCommentMark(codes[at]!)) {
      at = endOfComment(tokens, begin);
      tokens.addComment(begin, at);
      continue;
    } else if (code === quote || code === apostrophe) {
      at = endOfLiteral(tokens, at, code);
      kind = LITERAL;
    } else if (lineBegins && (code === hash || (code === percent && codes[at] === colon))) {
      at = endOfDirective(tokens, at);
      kind = DIRECTIVE;
    } else if (code === star && codes[at] === slash && !isCommentMark(codes[at + 1]!)) {
      at++; // a comment's end without its start, left under an #ifdef of an analyser: no C has `*` before `/`
      kind = BLANK;
    } else if (code === backslash && isLineEnd(codes, at)) kind = BLANK;
    else {
      mark = digraph(code, codes[at]!);
      if (mark === 0) mark = code;
      else at++;
    }
    lineBegins = false;
    if (kind === BLANK) continue;
    if (count === kinds.length) ({ kind: kinds, mark: marks, start: starts, end: ends } = tokens.grow());
    kinds[count] = kind;
    marks[count] = mark;
    starts[count] = begin;
    ends[count++] = at;
  }
  tokens.count = count;
  return tokens;
}

export function wordOf({ text, start, end }: Tokens, at: number): string {
  return text.slice(start[at], end[at]);
}

export class TokenList implements Tokens {
  text = "";
  codes = new Uint16Array(0);
  count = 0;
  kind = new Uint8Array(0);
  mark = new Uint8Array(0);
  start = new Int32Array(0);
  end = new Int32Array(0);
  commentCount = 0;
  commentStart: Int32Array = new Int32Array(64);
  commentEnd: Int32Array = new Int32Array(64);

  /** Forgets the text before; what there is of memory is used again. */
  begin(text: string): void {
    this.text = text;
    this.count = this.commentCount = 0;
    if (this.codes.length < text.length + codesBehind)
      this.codes = new Uint16Array(text.length + codesBehind);
    const { buffer, byteLength } = this.codes;
    const written = Buffer.from(buffer, 0, byteLength).write(text, "utf16le");
    this.codes.fill(0, written >> 1, (written >> 1) + codesBehind);
    const guess = (text.length >> 2) + 16;
    if (this.kind.length < guess) this.reserve(guess);
  }

  addComment(start: number, end: number): void {
    if (this.commentCount === this.commentStart.length) {
      this.commentStart = longer(this.commentStart);
      this.commentEnd = longer(this.commentEnd);
    }
    this.commentStart[this.commentCount] = start;
    this.commentEnd[this.commentCount++] = end;
  }

  /** Twice the memory, with what is there. */
  grow(): this {
    const { kind, mark, start, end } = this;
    this.reserve(kind.length * 2);
    this.kind.set(kind);
    this.mark.set(mark);
    this.start.set(start);
    this.end.set(end);
    return this;
  }

  private reserve(count: number): void {
    this.kind = new Uint8Array(count);
    this.mark = new Uint8Array(count);
    this.start = new Int32Array(count);
    this.end = new Int32Array(count);
  }
}

function longer(array: Int32Array): Int32Array {
  const copy = new Int32Array(array.length * 2);
  copy.set(array);
  return copy;
}

function isCommentMark(code: number): boolean {
  return code === star || code === slash;
}

/** What two characters stand for, 0 where they are no digraph. */
function digraph(first: number, second: number): number {
  if (first === less) return second === percent ? openBrace : second === colon ? openBracket : 0;
  if (second !== greater) return 0;
  return first === percent ? closeBrace : first === colon ? closeBracket : 0;
}

function isLineEnd(codes: Uint16Array, at: number): boolean {
  return codes[at] === newline || (codes[at] === carriageReturn && codes[at + 1] === newline);
}

/** A preprocessing number: `0x1F`, `1e+3`, and also the `10000baseT_Full` that vendors paste names from. */
function endOfNumber(codes: Uint16Array, from: number): number {
  let at = from;
  while (isWordPart[codes[at]!] === 1 || codes[at] === dot) at++;
  return at;
}

function endOfLiteral({ text, codes }: Tokens, from: number, close: number): number {
  for (let at = from; at < text.length; at++) {
    const code = codes[at]!;
    if (code === close) return at + 1;
    if (code === newline) return at;
    if (code === backslash) at += codes[at + 1] === carriageReturn ? 2 : 1;
  }
  return text.length;
}

function endOfComment({ text, codes }: Tokens, from: number): number {
  if (codes[from + 1] === star) {
    const close = text.indexOf("*/", from + 2);
    return close < 0 ? text.length : close + 2;
  }
  let end = text.indexOf("\n", from);
  while (end > 0 && isContinued(codes, end)) end = text.indexOf("\n", end + 1);
  return end < 0 ? text.length : end;
}

function isContinued(codes: Uint16Array, lineEnd: number): boolean {
  const before = codes[lineEnd - 1];
  return before === backslash || (before === carriageReturn && codes[lineEnd - 2] === backslash);
}

/** A directive ends with its line; a continuation or a block comment carries it over the line's end. */
function endOfDirective(tokens: Tokens, from: number): number {
  const { codes, text } = tokens;
  let at = from;
  while (at < text.length) {
    const code = codes[at]!;
    if (code === newline) {
      if (!isContinued(codes, at)) return at;
      at++;
    } else if (code === slash && isCommentMark(codes[at + 1]!)) at = endOfComment(tokens, at);
    else if (code === quote || code === apostrophe) at = endOfLiteral(tokens, at + 1, code);
    else at++;
  }
  return text.length;
}
