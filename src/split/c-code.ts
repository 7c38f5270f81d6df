// What the compiler sees of a text: no comments, blanks collapsed; only directives keep their line ends.

const pieces =
  /"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?|\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\n]*|\\\r?\n|[^"'/\\]+|[/\\]/g;
const literals = /"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?/g;

/** The code of a text, in one form whatever its layout. */
export function codeOf(text: string): string {
  const bare = text.replace(pieces, (piece) => (/^(?:\/[*/]|\\\r?\n)/.test(piece) ? " " : piece));
  const lines = bare
    .split("\n")
    .map((line) => line.replace(/\s+/g, " ").trim())
    .filter((line) => line !== "");
  const isDirective = (line: string | undefined): boolean => line?.startsWith("#") === true;
  return lines
    .map((line, at) => (at === 0 ? "" : isDirective(line) || isDirective(lines[at - 1]) ? "\n" : " ") + line)
    .join("");
}

/** Each identifier of a code and how often it stands there, literals left out. */
export function identifiersOf(code: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [word] of code.replace(literals, " ").matchAll(/\b[A-Za-z_]\w*/g))
    counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

/** The arguments of each call of a function in a code, in order: f(a, g(b)) gives ["a, g(b)"]. */
export function callsOf(code: string, name: string): string[] {
  const calls: string[] = [];
  for (const found of code.matchAll(new RegExp(`\\b${name}\\s*\\(`, "g"))) {
    const start = found.index + found[0].length;
    let depth = 1;
    let at = start;
    for (; at < code.length && depth > 0; at++) depth += code[at] === "(" ? 1 : code[at] === ")" ? -1 : 0;
    calls.push(code.slice(start, at - 1));
  }
  return calls;
}
