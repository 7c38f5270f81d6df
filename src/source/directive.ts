// Preprocessor lines as far as the scanner needs them: what they do, and their condition as one readable text.
import { isWordPart, type Tokens } from "./lex.js";

/** `word` ends at `wordEnd` in the text; what follows it is read only when it is asked for. */
export interface Directive {
  kind: "if" | "elif" | "else" | "endif" | "define" | "include" | "other";
  word: string;
  wordEnd: number;
}

const kinds = new Map<string, Directive["kind"]>([
  ["if", "if"],
  ["ifdef", "if"],
  ["ifndef", "if"],
  ["elif", "elif"],
  ["elifdef", "elif"],
  ["elifndef", "elif"],
  ["else", "else"],
  ["endif", "endif"],
  ["define", "define"],
  ["include", "include"],
  ["include_next", "include"],
]);

/** Reads the first word of a directive; what is no known directive is "other". */
export function parseDirective({ text, codes, start, end }: Tokens, at: number): Directive {
  const from = start[at]! + (codes[start[at]!] === 35 ? 1 : 2);
  const wordStart = skipBlanks(codes, from, end[at]!);
  let wordEnd = wordStart;
  while (wordEnd < end[at]! && isLower(codes[wordEnd]!)) wordEnd++;
  const word = text.slice(wordStart, wordEnd);
  return { kind: kinds.get(word) ?? "other", word, wordEnd };
}

/** The condition of an #if or #elif: equal conditions read equal. */
export function conditionOf(tokens: Tokens, at: number, { word, wordEnd }: Directive): string {
  const plain = plainText(tokens.text.slice(wordEnd, tokens.end[at]));
  if (word.endsWith("ndef")) return `!defined(${plain})`;
  return word.endsWith("def") ? `defined(${plain})` : plain;
}

/** What a #define or an #include names; "" when it is not readable. */
export function nameOf(tokens: Tokens, at: number, { kind, wordEnd }: Directive): string {
  const { text, codes } = tokens;
  const end = tokens.end[at]!;
  if (kind === "include") return plainText(text.slice(wordEnd, end));
  const nameStart = skipBlanks(codes, wordEnd, end);
  let nameEnd = nameStart;
  while (nameEnd < end && isWordPart[codes[nameEnd]!] === 1) nameEnd++;
  return text.slice(nameStart, nameEnd);
}

function skipBlanks(codes: Uint16Array, from: number, end: number): number {
  let at = from;
  for (; at < end; at++) {
    const code = codes[at]!;
    if (code === 47 && codes[at + 1] === 42) {
      for (at += 2; at < end && !(codes[at] === 42 && codes[at + 1] === 47);) at++;
      at++;
    } else if (code !== 32 && code !== 9 && code !== 92 && code !== 10 && code !== 13) break;
  }
  return at;
}

function isLower(code: number): boolean {
  return (code >= 97 && code <= 122) || code === 95;
}

/** Without comments and continuations, blanks collapsed. */
function plainText(text: string): string {
  if (!/[/\\\t\r\n\v\f]| {2}/.test(text)) return text.trim();
  return text
    .replace(/\/\*[\s\S]*?(?:\*\/|$)|\/\/.*|\\\r?\n/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}

/** The condition under which an #else or #elif branch is read. */
export function negate(text: string): string {
  if (/^!defined\([\w$]+\)$/.test(text)) return text.slice(1);
  return /^defined\([\w$]+\)$/.test(text) ? `!${text}` : `!(${text})`;
}
