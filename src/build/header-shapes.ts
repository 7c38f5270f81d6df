// The parts of a function's or macro's declaration in a header, as texts.
import type { HeaderDeclaration } from "./header-declarations.js";

const shownCharacters = 140;

/** The text between the outer parentheses, cut at commas of depth 0; a lone void is no parameter. */
export function parametersOf({ head }: Pick<HeaderDeclaration, "head">): string[] {
  const text = outerParentheses(head);
  if (text === undefined || /^\s*(?:void)?\s*$/.test(text)) return [];
  const parts: string[] = [];
  let [depth, start] = [0, 0];
  for (let at = 0; at <= text.length; at++) {
    const char = text[at];
    if (char === "(" || char === "[") depth++;
    if (char === ")" || char === "]") depth--;
    if (at === text.length || (char === "," && depth === 0)) {
      parts.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  return parts;
}

/** Names of parameters may differ; their types and their number may not. */
export function sameParameters(a: HeaderDeclaration, b: HeaderDeclaration): boolean {
  const [left, right] = [parametersOf(a).map(typeOf), parametersOf(b).map(typeOf)];
  return left.length === right.length && left.every((type, at) => type === right[at]);
}

/** The function that a macro or an inline function only passes its own parameters to, in their order. */
export function wrappedName(declaration: HeaderDeclaration): string | undefined {
  const { body, name, kind } = declaration;
  if (body === undefined) return undefined;
  if (kind === "macro" && parametersOf(declaration).length === 0 && !declaration.head.includes("("))
    return /^[A-Za-z_]\w*$/.test(body) && body !== name ? body : undefined;
  const [, callee, given] = /^\{? ?(?:return )?\(?(\w+)\(([^()]*)\)\)? ?;? ?\}?$/.exec(body) ?? [];
  if (callee === undefined || given === undefined) return undefined;
  const names = parametersOf(declaration).map(nameOf);
  const passed = given.trim() === "" ? [] : given.split(",").map((word) => word.trim());
  const same = names.length === passed.length && names.every((each, at) => each === passed[at]);
  return same && callee !== name ? callee : undefined;
}

export function shortened(text: string): string {
  return text.length <= shownCharacters ? text : `${text.slice(0, shownCharacters)}...`;
}

/** The last parenthesis of depth 0 before the end: what comes before it is the name and the result. */
function outerParentheses(head: string): string | undefined {
  const start = head.indexOf("(");
  if (start < 0) return undefined;
  let depth = 0;
  for (let at = start; at < head.length; at++) {
    if (head[at] === "(") depth++;
    if (head[at] === ")") depth--;
    if (depth === 0) return head.slice(start + 1, at);
  }
  return undefined;
}

function nameOf(parameter: string): string {
  return /\(\s*\*\s*(\w+)\s*\)/.exec(parameter)?.[1] ?? /(\w+)\s*(?:\[[^\]]*\])?$/.exec(parameter)?.[1] ?? "";
}

function typeOf(parameter: string): string {
  const name = nameOf(parameter);
  const typeOnly =
    /^(?:const )?(?:unsigned |struct |enum )?\w+(?: \*+)?$/.test(parameter) &&
    !/ \w+$/.test(parameter.replace(/^(?:const |unsigned |struct |enum )+/, ""));
  return (typeOnly ? parameter : parameter.replace(new RegExp(`\\b${name}\\b(?=\\W*$)`), "")).replace(
    /\s+/g,
    "",
  );
}
