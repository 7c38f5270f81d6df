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
  count: number;
  kind: Uint8Array;
  start: Int32Array;
  end: Int32Array;
  comments: { start: number; end: number }[];
}

const classOf = new Uint8Array(128);
for (let code = 0; code < 128; code++) {
  const char = String.fromCharCode(code);
  classOf[code] = /[A-Za-z_$]/.test(char) ? WORD : /[0-9]/.test(char) ? NUMBER : /\s/.test(char) ? 0 : MARK;
}
const newline = 10;
const slash = 47;
const star = 42;
const backslash = 92;

/** Every text has tokens: a literal that is not closed ends with its line, a comment with the text. */
export function lex(text: string): Tokens {
  const tokens = new TokenList(text);
  const length = text.length;
  let at = 0;
  let lineBegins = true;
  while (at < length) {
    const code = text.charCodeAt(at);
    const kind = code < 128 ? classOf[code]! : WORD;
    if (kind === 0) {
      if (code === newline) lineBegins = true;
      at++;
      continue;
    }
    const begin = at;
    if (kind === WORD) {
      at = endOfWord(text, at + 1);
      tokens.add(WORD, begin, at);
    } else if (kind === NUMBER) {
      at = endOfNumber(text, at + 1);
      tokens.add(NUMBER, begin, at);
    } else if (code === slash && isCommentMark(text.charCodeAt(at + 1))) {
      at = endOfComment(text, at);
      tokens.comments.push({ start: begin, end: at });
      continue;
    } else if (code === 34 || code === 39) {
      at = endOfLiteral(text, at + 1, code);
      tokens.add(LITERAL, begin, at);
    } else if (code === 35 && lineBegins) {
      at = endOfDirective(text, at + 1);
      tokens.add(DIRECTIVE, begin, at);
    } else {
      at++;
      if (code !== backslash || !isLineEnd(text, at)) tokens.add(MARK, begin, at);
    }
    lineBegins = false;
  }
  return tokens;
}

class TokenList implements Tokens {
  count = 0;
  kind: Uint8Array;
  start: Int32Array;
  end: Int32Array;
  comments: { start: number; end: number }[] = [];

  constructor(readonly text: string) {
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

  private grow(): void {
    const size = this.count * 2;
    const { kind, start, end } = this;
    (this.kind = new Uint8Array(size)).set(kind);
    (this.start = new Int32Array(size)).set(start);
    (this.end = new Int32Array(size)).set(end);
  }
}

function isCommentMark(code: number): boolean {
  return code === star || code === slash;
}

function isLineEnd(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === newline || (code === 13 && text.charCodeAt(at + 1) === newline);
}

function endOfWord(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 128 && classOf[code] !== WORD && classOf[code] !== NUMBER) break;
  }
  return at;
}

/** A preprocessing number: `0x1F`, `1e+3`, and also the `10000baseT_Full` that vendors paste names from. */
function endOfNumber(text: string, from: number): number {
  let at = endOfWord(text, from);
  while (text.charCodeAt(at) === 46) at = endOfWord(text, at + 1);
  return at;
}

function endOfLiteral(text: string, from: number, quote: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) return at + 1;
    if (code === newline) return at;
    if (code === backslash) at += text.charCodeAt(at + 1) === 13 ? 2 : 1;
  }
  return text.length;
}

function endOfComment(text: string, from: number): number {
  if (text.charCodeAt(from + 1) === star) {
    const close = text.indexOf("*/", from + 2);
    return close < 0 ? text.length : close + 2;
  }
  let end = text.indexOf("\n", from);
  while (end > 0 && isContinued(text, end)) end = text.indexOf("\n", end + 1);
  return end < 0 ? text.length : end;
}

function isContinued(text: string, lineEnd: number): boolean {
  const before = text.charCodeAt(lineEnd - 1);
  return before === backslash || (before === 13 && text.charCodeAt(lineEnd - 2) === backslash);
}

/** A directive ends with its line; a continuation or a block comment carries it over the line's end. */
function endOfDirective(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === newline) {
      if (!isContinued(text, at)) return at;
      at++;
    } else if (code === slash && isCommentMark(text.charCodeAt(at + 1))) at = endOfComment(text, at);
    else if (code === 34 || code === 39) at = endOfLiteral(text, at + 1, code);
    else at++;
  }
  return text.length;
}
