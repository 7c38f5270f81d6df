// Preprocessor lines as far as the scanner needs them: what they do, and their condition as one readable text.

export type Directive =
  | { kind: "if"; condition: string }
  | { kind: "elif"; condition: string }
  | { kind: "else" }
  | { kind: "endif" }
  | { kind: "define"; name: string }
  | { kind: "include"; name: string }
  | { kind: "other" };

const shape = /^#\s*([a-z_]*)/;

/** Reads one directive with its continuations and comments; what is no known directive is "other". */
export function parseDirective(text: string): Directive {
  const match = shape.exec(text);
  const word = match?.[1] ?? "";
  const rest = text.slice(match?.[0].length ?? 0);
  switch (word) {
    case "if":
      return { kind: "if", condition: condition(rest) };
    case "ifdef":
      return { kind: "if", condition: `defined(${condition(rest)})` };
    case "ifndef":
      return { kind: "if", condition: `!defined(${condition(rest)})` };
    case "elif":
      return { kind: "elif", condition: condition(rest) };
    case "else":
    case "endif":
      return { kind: word };
    case "define":
      return { kind: "define", name: /^[\s\\]*([\w$]+)/.exec(rest)?.[1] ?? "" };
    case "include":
    case "include_next":
      return { kind: "include", name: condition(rest) };
    default:
      return { kind: "other" };
  }
}

/** Without comments and continuations, blanks collapsed: equal conditions read equal. */
function condition(rest: string): string {
  return rest
    .replace(/\/\*[\s\S]*?(?:\*\/|$)|\/\/.*|\\\r?\n/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}

/** The condition under which an #else or #elif branch is read. */
export function negate(text: string): string {
  if (/^!defined\([\w$]+\)$/.test(text)) return text.slice(1);
  return /^defined\([\w$]+\)$/.test(text) ? `!${text}` : `!(${text})`;
}
