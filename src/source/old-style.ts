// `int f(a, b)` and then the parameters' declarations, as C was written before 1989.
import { hasBareParameters, Header } from "./declaration.js";
import type { Layout } from "./layout.js";
import { NUMBER, WORD, type Tokens } from "./lex.js";

const [semicolon, openBrace] = [59, 123];
const marks = new Set(Array.from("*,;[]()", (mark) => mark.charCodeAt(0)));
const furthest = 200;

/**
 * Whether the declarations from the token `from` on belong to the header before them: `from` is the `;` of the first one
 * or a later one; they go on until a `{` that follows a `;`.
 */
export function isOldStyle(
  tokens: Tokens,
  layout: Layout,
  { header, from }: { header: readonly number[]; from: number },
): boolean {
  if (header.length < 5 || !hasBareParameters(new Header(tokens, header))) return false;
  for (let at = from; at < tokens.count && at - from < furthest; at++) {
    const mark = layout.markAt(at);
    if (mark === openBrace) return layout.markAt(at - 1) === semicolon;
    if (tokens.kind[at] !== WORD && tokens.kind[at] !== NUMBER && !marks.has(mark)) return false;
  }
  return false;
}
