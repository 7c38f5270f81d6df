// What a compiler reads of a piece of C, for comparing: tokens without comments and blanks.
import { DIRECTIVE, lex, WORD } from "./lex.js";

/** The tokens of a text in order; a preprocessor line is one token, its blanks collapsed and its comments gone. */
export function codeTokens(text: string): string[] {
  const tokens = lex(text);
  const words: string[] = [];
  for (let at = 0; at < tokens.count; at++) {
    const word = text.slice(tokens.start[at], tokens.end[at]);
    words.push(tokens.kind[at] === DIRECTIVE ? plainDirective(word) : word);
  }
  return words;
}

/** The distinct words of a text, those of its preprocessor lines too: names that it may call, read or take. */
export function wordsOf(text: string): Set<string> {
  const tokens = lex(text);
  const words = new Set<string>();
  for (let at = 0; at < tokens.count; at++) {
    const word = text.slice(tokens.start[at], tokens.end[at]);
    if (tokens.kind[at] === WORD) words.add(word);
    else if (tokens.kind[at] === DIRECTIVE)
      for (const inner of word.match(/[A-Za-z_]\w*/g) ?? []) words.add(inner);
  }
  return words;
}

function plainDirective(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?(?:\*\/|$)|\/\/.*|\\\r?\n/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}
