// A C file as a row of top-level units whose texts, joined, are the file again: what is not understood is still kept,
// it only ends up in a larger unit.
import { cutText, indexOfCode, isFunctionHead, type Cut } from "./cut-text.js";
import { codeOf, identifiersOf } from "./c-code.js";

type UnitKind =
  | "function"
  | "prototype"
  | "struct"
  | "enum"
  | "typedef"
  | "variable"
  | "macro"
  | "include"
  | "conditional"
  | "statement"
  | "row"
  | "other";

export interface CUnit {
  kind: UnitKind;
  name: string;
  /** Every byte of it as latin1, with the blank lines and comments before it. */
  text: string;
  /** The text without comments, blanks collapsed: equal code means that only looks changed. */
  code: string;
  /** What it gives to others: its own name, a struct's members, an enum's constants. */
  defines: readonly string[];
  isStatic: boolean;
  /** The conditionals (numbers within the file) whose #if, #else or #endif it holds without holding all of them. */
  directivesOf: readonly number[];
  /** The conditionals that it lies in, outermost first. */
  inside: readonly number[];
}

type Named = Pick<CUnit, "kind" | "name" | "defines">;

/** Cuts a text (latin1) at top level: after each declaration, function body and directive. */
export function cutUnits(text: string): CUnit[] {
  return cutText(text).map(unitOf);
}

/** A struct as head, members and tail, each a unit; undefined for what is not of that form. */
export function cutMembers(unit: CUnit): CUnit[] | undefined {
  const { text } = unit;
  const open = indexOfCode(text, "{");
  const close = text.lastIndexOf("}");
  if (unit.kind !== "struct" || open < 0 || close < open) return undefined;
  const lineEnd = text.indexOf("\n", open) + 1;
  const isOpenLast = lineEnd > 0 && lineEnd <= close && text.slice(open + 1, lineEnd).trim() === "";
  const start = isOpenLast ? lineEnd : open + 1;
  const lastLine = text.lastIndexOf("\n", close) + 1;
  const end = lastLine >= start && text.slice(lastLine, close).trim() === "" ? lastLine : close;
  const edge = (part: string, name: string): CUnit => ({
    ...unit,
    kind: "other",
    name,
    text: part,
    code: codeOf(part),
    defines: [],
  });
  const members = cutUnits(text.slice(start, end));
  return [edge(text.slice(0, start), "head"), ...members, edge(text.slice(end), "tail")];
}

function unitOf(cut: Cut): CUnit {
  const code = codeOf(cut.text);
  const named = nameUnit(code, cut.directivesOf.length > 0);
  return {
    ...named,
    text: cut.text,
    code: named.kind === "conditional" ? `${code} ${cut.asks}` : code,
    isStatic: /^(?:static|inline)\b/.test(code),
    directivesOf: cut.directivesOf,
    inside: cut.inside,
  };
}

function nameUnit(code: string, hasConditional: boolean): Named {
  if (code.startsWith("#")) return nameDirective(code, hasConditional);
  const head = code.includes("{") ? code.slice(0, code.indexOf("{")) : code;
  if (code.endsWith("}") && isFunctionHead(code)) return single("function", calledName(head));
  if (code.startsWith("typedef")) {
    const names = declaredNames(code);
    return { kind: "typedef", name: names.at(-1) ?? "", defines: names };
  }
  const tag = /^(?:static |const )*(struct|union|enum)\b\s*(?:__\w+ )?(\w*)\s*\{/.exec(code);
  if (tag) return nameTagged(code, tag);
  if (head.includes("(") && !head.includes("=") && !/\(\s*\*/.test(head)) {
    const name = calledName(head);
    // DEFINE_IDA(name); gives a variable, static or not; other macro calls give nothing that we know of.
    const isDefining = /^static [A-Z][A-Z0-9_]*\s*\(|^(?:DEFINE|DECLARE)_\w*\s*\(/.test(head);
    const made = isDefining ? /\(\s*(\w+)/.exec(head)?.[1] : undefined;
    if (made === undefined && /^\w+\s*\(/.test(head))
      return { kind: "other", name: head.replace(/\s+/g, "").slice(0, 80), defines: [] };
    return made === undefined ? single("prototype", name) : single("variable", made);
  }
  const names = declaredNames(code);
  if (names[0] === undefined) return { kind: "other", name: code.slice(0, 40), defines: [] };
  return { kind: "variable", name: names[0], defines: names };
}

function nameDirective(code: string, hasConditional: boolean): Named {
  const [, word = "", rest = ""] = /^#\s*(\w+)\s*(\S*)/.exec(code) ?? [];
  if (word === "define" || word === "undef") return single("macro", /^\w*/.exec(rest)![0]);
  if (word === "include") return { kind: "include", name: rest.replace(/["<>]/g, ""), defines: [] };
  return { kind: hasConditional ? "conditional" : "other", name: `#${word}`, defines: [] };
}

function nameTagged(code: string, tag: RegExpExecArray): Named {
  const close = code.lastIndexOf("}");
  const body = code.slice(code.indexOf("{") + 1, close);
  const isEnum = tag[1] === "enum";
  const variables = declaredNames(code.slice(close));
  const name = tag[2] ? tag[2] : (variables.at(-1) ?? "");
  const parts = isEnum ? enumConstants(body) : memberNames(body);
  return { kind: isEnum ? "enum" : "struct", name, defines: [name, ...variables, ...parts] };
}

function single(kind: UnitKind, name: string): Named {
  return { kind, name, defines: [name] };
}

/** The name before the first parenthesis that is no attribute. */
function calledName(head: string): string {
  const calls = [...head.matchAll(/(\w+)\s*\(/g)].map((found) => found[1]!);
  return calls.find((name) => !name.startsWith("__")) ?? calls.at(-1) ?? "";
}

/** The names that a declaration introduces: "u32 a, *b[2];" gives a and b; "int (*f)(void);" gives f. */
function declaredNames(code: string): string[] {
  const pointer = /\(\s*\*\s*(\w+)\s*(?:\[[^\]]*\]\s*)?\)/.exec(code)?.[1];
  if (pointer !== undefined) return [pointer];
  const flat = code
    .replace(/=[\s\S]*$/, ";")
    .replace(/\{[\s\S]*\}/, " ")
    .replace(/\[[^\]]*\]/g, " ")
    .replace(/:\s*\w+/g, " ");
  return [...flat.matchAll(/(\w+)\s*(?=[,;])/g)]
    .map((found) => found[1]!)
    .filter((name) => !/^\d/.test(name));
}

function memberNames(body: string): string[] {
  return cutText(body).flatMap(({ text }) => nameUnit(codeOf(text), false).defines);
}

function enumConstants(body: string): string[] {
  return body.split(",").flatMap(
    (part) =>
      identifiersOf(part.replace(/#[^\n]*/g, " "))
        .keys()
        .next().value ?? [],
  );
}
