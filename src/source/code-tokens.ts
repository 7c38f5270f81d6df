// What a compiler reads of a piece of C, for comparing: tokens without comments and blanks.
import { DIRECTIVE, lex, TokenList, WORD, wordOf, type Tokens } from "./lex.js";

/** Texts are read one or two at a time, thousands of them: their tokens' memory is used again. */
const [first, second] = [new TokenList(), new TokenList()];

/** The tokens of a text in order; a preprocessor line is one token, its blanks collapsed and its comments gone. */
export function codeTokens(text: string): string[] {
  const tokens = lex(text, first);
  return Array.from({ length: tokens.count }, (_, at) => codeOf(tokens, at));
}

/** Whether two texts differ in comments and blanks only. */
export function isSameCode(before: string, after: string): boolean {
  if (before === after) return true;
  const [a, b] = [lex(before, first), lex(after, second)];
  if (a.count !== b.count) return false;
  for (let at = 0; at < a.count; at++) if (!isSameToken(a, b, at)) return false;
  return true;
}

function isSameToken(a: Tokens, b: Tokens, at: number): boolean {
  if (a.kind[at] !== b.kind[at]) return false;
  const [aStart, bStart] = [a.start[at]!, b.start[at]!];
  const length = a.end[at]! - aStart;
  let same = b.end[at]! - bStart === length ? 0 : -1;
  while (same >= 0 && same < length && a.codes[aStart + same] === b.codes[bStart + same]) same++;
  return same === length || (a.kind[at] === DIRECTIVE && codeOf(a, at) === codeOf(b, at));
}

/** The distinct words of a text, those of its preprocessor lines too: names that it may call, read or take. */
export function wordsOf(text: string): Set<string> {
  const tokens = lex(text, first);
  const words = new Set<string>();
  for (let at = 0; at < tokens.count; at++)
    if (tokens.kind[at] === WORD) words.add(wordOf(tokens, at));
    else if (tokens.kind[at] === DIRECTIVE)
      for (const inner of wordOf(tokens, at).match(/[A-Za-z_]\w*/g) ?? []) words.add(inner);
  return words;
}

function codeOf(tokens: Tokens, at: number): string {
  const word = wordOf(tokens, at);
  if (tokens.kind[at] !== DIRECTIVE || !/[/\\\t\r\n\v\f]| {2}/.test(word)) return word;
  return word
    .replace(/\/\*[\s\S]*?(?:\*\/|$)|\/\/.*|\\\r?\n/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}
