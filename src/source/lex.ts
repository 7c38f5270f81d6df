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
  /** The text's UTF-16 units: reading them is several times faster than charCodeAt. */
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
const classOf = new Uint8Array(1 << 16).fill(WORD).map((kind, code) => {
  if (code >= 128) return kind;
  const char = String.fromCharCode(code);
  return /[A-Za-z_$]/.test(char) ? WORD : /[0-9]/.test(char) ? NUMBER : /\s/.test(char) ? BLANK : MARK;
});

/** Every text has tokens: a literal that is not closed ends with its line, a comment with the text. */
export function lex(text: string): Tokens {
  const codes = codesOf(text);
  const length = codes.length;
  const tokens = new TokenList(text, codes);
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
      while (at < length && isWordPart(codes[at]!)) at++;
      tokens.add(WORD, begin, at);
    } else if (kind === NUMBER) {
      at = endOfNumber(codes, at);
      tokens.add(NUMBER, begin, at);
    } else if (code === slash && isCommentMark(codes[at])) {
      at = endOfComment(tokens, begin);
      tokens.addComment(begin, at);
      continue;
    } else if (code === quote || code === apostrophe) {
      at = endOfLiteral(codes, at, code);
      tokens.add(LITERAL, begin, at);
    } else if (lineBegins && (code === hash || (code === percent && codes[at] === colon))) {
      at = endOfDirective(tokens, at);
      tokens.add(DIRECTIVE, begin, at);
    } else if (code === star && codes[at] === slash && !isCommentMark(codes[at + 1])) {
      at++; // a comment's end without its start, left under an #ifdef of an analyser: no C has `*` before `/`
    } else if (code !== backslash || !isLineEnd(codes, at)) {
      if (isDigraph(code, codes[at])) at++;
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

class TokenList implements Tokens {
  count = 0;
  kind: Uint8Array;
  start: Int32Array;
  end: Int32Array;
  commentCount = 0;
  commentStart: Int32Array = new Int32Array(64);
  commentEnd: Int32Array = new Int32Array(64);

  constructor(
    readonly text: string,
    readonly codes: Uint16Array,
  ) {
    const guess = (text.length >> 2) + 16;
    this.kind = new Uint8Array(guess);
    this.start = new Int32Array(guess);
    this.end = new Int32Array(guess);
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
    const { kind } = this;
    (this.kind = new Uint8Array(kind.length * 2)).set(kind);
    this.start = longer(this.start);
    this.end = longer(this.end);
  }
}

function longer(array: Int32Array): Int32Array {
  const copy = new Int32Array(array.length * 2);
  copy.set(array);
  return copy;
}

export function codesOf(text: string): Uint16Array {
  const bytes = Buffer.from(text, "utf16le");
  return bytes.byteOffset % 2 === 0
    ? new Uint16Array(bytes.buffer, bytes.byteOffset, text.length)
    : new Uint16Array(new Uint8Array(bytes).buffer);
}

function isWordPart(code: number): boolean {
  const kind = classOf[code]!;
  return kind === WORD || kind === NUMBER;
}

function isCommentMark(code: number | undefined): boolean {
  return code === star || code === slash;
}

function isDigraph(first: number, second: number | undefined): boolean {
  if (first === less) return second === percent || second === colon;
  return second === greater && (first === percent || first === colon);
}

function isLineEnd(codes: Uint16Array, at: number): boolean {
  return codes[at] === newline || (codes[at] === carriageReturn && codes[at + 1] === newline);
}

/** A preprocessing number: `0x1F`, `1e+3`, and also the `10000baseT_Full` that vendors paste names from. */
function endOfNumber(codes: Uint16Array, from: number): number {
  let at = from;
  while (at < codes.length && (isWordPart(codes[at]!) || codes[at] === dot)) at++;
  return at;
}

function endOfLiteral(codes: Uint16Array, from: number, close: number): number {
  for (let at = from; at < codes.length; at++) {
    const code = codes[at]!;
    if (code === close) return at + 1;
    if (code === newline) return at;
    if (code === backslash) at += codes[at + 1] === carriageReturn ? 2 : 1;
  }
  return codes.length;
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
  const { codes } = tokens;
  let at = from;
  while (at < codes.length) {
    const code = codes[at]!;
    if (code === newline) {
      if (!isContinued(codes, at)) return at;
      at++;
    } else if (code === slash && isCommentMark(codes[at + 1])) at = endOfComment(tokens, at);
    else if (code === quote || code === apostrophe) at = endOfLiteral(codes, at + 1, code);
    else at++;
  }
  return codes.length;
}
