// What the statements of a function declare, write and read of its own variables, told from their text.

const keywords =
  "return|goto|break|continue|if|else|for|while|do|switch|case|default|sizeof|typeof|asm|typedef|extern";
const declaration = new RegExp(
  `^(?!(?:${keywords})\\b)(?:(?:const|static|volatile|register|unsigned|signed|struct|union|enum|__\\w+) )*` +
    `[A-Za-z_]\\w*(?:(?: const)? ?\\*+ ?(?:const )?| (?=[A-Za-z_(]))(?:(?:const|__\\w+) )*` +
    `(?:[A-Za-z_]\\w*|\\(\\s*\\*)`,
);

/** The variables and labels' kin that one statement declares; none when it is no declaration. */
export function localsOf(code: string): string[] {
  if (!code.endsWith(";") && !code.endsWith("{")) return [];
  if (!declaration.test(code) || /^\w+\s*\(/.test(code)) return [];
  const pointer = /\(\s*\*\s*(\w+)/.exec(code)?.[1];
  if (pointer !== undefined && !/=/.test(code.slice(0, code.indexOf(pointer)))) return [pointer];
  return declaratorsOf(code).flatMap((declarator) => {
    const name = /(\w+)\s*(?:\[[^=]*\]\s*)*(?::\s*\w+\s*)?(?:__\w+(?:\([^)]*\))?\s*)*(?:=|$)/.exec(
      declarator,
    )?.[1];
    return name === undefined || /^\d/.test(name) ? [] : [name];
  });
}

/** "u32 a = f(1, 2), *b;" as ["u32 a = f(1, 2)", " *b"]. */
function declaratorsOf(code: string): string[] {
  const parts: string[] = [];
  let [depth, start] = [0, 0];
  for (let at = 0; at < code.length; at++) {
    const char = code[at]!;
    if ("([{".includes(char)) depth++;
    if (")]}".includes(char)) depth--;
    const isEnd = char === ";" || char === "{";
    if (!isEnd && !(char === "," && depth === 0)) continue;
    parts.push(code.slice(start, at));
    start = at + 1;
    if (isEnd) break;
  }
  return parts;
}

/** Whether a declaration gives each of its variables a value at once. */
export function isInitialised(code: string): boolean {
  return declaratorsOf(code).every((declarator) => /=/.test(declarator));
}

/** Whether a text changes a variable: assigns it, counts it, or gives its address away. */
export function writes(code: string, name: string): boolean {
  const written = `(?<![\\w.>])${name}\\s*(?:(?:[-+*/|&^%]|<<|>>)?=(?!=)|\\+\\+|--|\\[[^\\]]*\\]\\s*=(?!=))`;
  return new RegExp(`${written}|(?:\\+\\+|--)${name}\\b|(?<!&)&\\s*${name}\\b(?!\\s*(?:->|\\.))`).test(code);
}

/** Whether a text uses the value that a variable had before it. */
export function readsFirst(code: string, name: string): boolean {
  const first = new RegExp(`(?<![\\w.>])${name}\\b(?!\\s*:)`).exec(code);
  if (!first) return false;
  return !/^\s*=(?!=)/.test(code.slice(first.index + name.length));
}

/** The labels that a text holds, for goto. */
export function labelsOf(code: string): string[] {
  return [...code.matchAll(/(?:^|[;{}\n] ?)(\w+) ?:(?!:)/g)]
    .map((found) => found[1]!)
    .filter((name) => name !== "default");
}
