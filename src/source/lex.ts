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

/** By UTF-16 unit; what is no ASCII is taken for a letter. */
const classOf = new Uint8Array(1 << 16).fill(WORD);
for (let code = 0; code < 128; code++) classOf[code] = classOfAscii(String.fromCharCode(code));

function classOfAscii(char: string): number {
  return /[A-Za-z_$]/.test(char) ? WORD : /[0-9]/.test(char) ? NUMBER : /\s/.test(char) ? BLANK : MARK;
}

/**
 * Every text has tokens: a literal that is not closed ends with its line, a comment with the text. They are in the memory
 * that is given, until it is given again: with new memory for each text a comparison spends a fifth of its time on it.
 */
export function lex(text: string, tokens: TokenList): Tokens {
  tokens.begin(text);
  const { codes } = tokens;
  const { length } = text;
  let at = 0;
  let lineBegins = true;
  while (at < length) {
    const code = codes[at]!;
    const kind = classOf[code]!;
    if (kind === BLANK) {
      if (code === newline) lineBegins = true;
      at++;
      continue;
    }
    const begin = at++;
    if (kind === WORD) {
      while (isWordPart(codes[at]!)) at++;
      tokens.add(WORD, begin, at);
    } else if (kind === NUMBER) {
      at = endOfNumber(codes, at);
      tokens.add(NUMBER, begin, at);
    } else if (code === slash && isCommentMark(codes[at]!)) {
      at = endOfComment(tokens, begin);
      tokens.addComment(begin, at);
      continue;
    } else if (code === quote || code === apostrophe) {
      at = endOfLiteral(tokens, at, code);
      tokens.add(LITERAL, begin, at);
    } else if (lineBegins && (code === hash || (code === percent && codes[at] === colon))) {
      at = endOfDirective(tokens, at);
      tokens.add(DIRECTIVE, begin, at);
    } else if (code === star && codes[at] === slash && !isCommentMark(codes[at + 1]!)) {
      at++; // a comment's end without its start, left under an #ifdef of an analyser: no C has `*` before `/`
    } else if (code !== backslash || !isLineEnd(codes, at)) {
      if (isDigraph(code, codes[at]!)) at++;
      tokens.add(MARK, begin, at);
    }
    lineBegins = false;
  }
  return tokens;
}

/** The mark's character, of a digraph (`<%` for `{`) the one that it stands for. */
export function markOf({ codes, start, end }: Tokens, at: number): number {
  const begin = start[at]!;
  const code = codes[begin]!;
  if (end[at]! - begin < 2) return code;
  const second = codes[begin + 1]!;
  if (code === less) return second === percent ? 123 : 91;
  return code === percent ? 125 : 93;
}

export function wordOf({ text, start, end }: Tokens, at: number): string {
  return text.slice(start[at], end[at]);
}

export class TokenList implements Tokens {
  text = "";
  codes = new Uint16Array(0);
  count = 0;
  kind = new Uint8Array(0);
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

  add(kind: number, start: number, end: number): void {
    if (this.count === this.kind.length) this.grow();
    this.kind[this.count] = kind;
    this.start[this.count] = start;
    this.end[this.count++] = end;
  }

  addComment(start: number, end: number): void {
    if (this.commentCount === this.commentStart.length) {
      this.commentStart = longer(this.commentStart);
      this.commentEnd = longer(this.commentEnd);
    }
    this.commentStart[this.commentCount] = start;
    this.commentEnd[this.commentCount++] = end;
  }

  private grow(): void {
    const { kind, start, end } = this;
    this.reserve(kind.length * 2);
    this.kind.set(kind);
    this.start.set(start);
    this.end.set(end);
  }

  private reserve(count: number): void {
    this.kind = new Uint8Array(count);
    this.start = new Int32Array(count);
    this.end = new Int32Array(count);
  }
}

function longer(array: Int32Array): Int32Array {
  const copy = new Int32Array(array.length * 2);
  copy.set(array);
  return copy;
}

function isWordPart(code: number): boolean {
  const kind = classOf[code]!;
  return kind === WORD || kind === NUMBER;
}

function isCommentMark(code: number): boolean {
  return code === star || code === slash;
}

function isDigraph(first: number, second: number): boolean {
  if (first === less) return second === percent || second === colon;
  return second === greater && (first === percent || first === colon);
}

function isLineEnd(codes: Uint16Array, at: number): boolean {
  return codes[at] === newline || (codes[at] === carriageReturn && codes[at + 1] === newline);
}

/** A preprocessing number: `0x1F`, `1e+3`, and also the `10000baseT_Full` that vendors paste names from. */
function endOfNumber(codes: Uint16Array, from: number): number {
  let at = from;
  while (isWordPart(codes[at]!) || codes[at] === dot) at++;
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
