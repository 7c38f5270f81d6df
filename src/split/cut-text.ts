// Where the top-level units of a C text end. It follows comments, literals, brackets and conditionals, and needs no
// grammar: branches of a conditional start from the same depth, so that two heads for one body do not confuse it.
import { codeOf } from "./c-code.js";

export interface Cut {
  text: string;
  directivesOf: number[];
  inside: number[];
  /** What the #if asks that an #else or #endif belongs to. */
  asks: string;
}

interface Conditional {
  id: number;
  depth: number;
  asks: string;
}

/** The cuts of a text, which joined are the text. */
export function cutText(text: string): Cut[] {
  return new Cutter(text).run();
}

class Cutter {
  readonly #cuts: Cut[] = [];
  readonly #open: Conditional[] = [];
  #seen = 0;
  #depth = 0;
  #start = 0;
  /** Where the code of the running unit began; -1 between units. */
  #codeAt = -1;
  #touched: number[] = [];
  #inside: number[] = [];
  #asks = "";

  constructor(readonly text: string) {}

  run(): Cut[] {
    const { text } = this;
    for (let at = 0; at < text.length;) {
      const skipped = skipNoCode(text, at);
      if (skipped > at) at = skipped;
      else if (text[at] === "#" && isLineStart(text, at)) at = this.#directive(at);
      else at = this.#character(at);
    }
    this.#end(text.length);
    return this.#cuts;
  }

  #character(at: number): number {
    const char = this.text[at]!;
    this.#begin(at);
    if (char === "{" || char === "(" || char === "[") this.#depth++;
    if (char === "}" || char === ")" || char === "]") this.#depth = Math.max(0, this.#depth - 1);
    if (this.#depth > 0 || (char !== ";" && char !== "}")) return at + 1;
    if (char === "}" && !isFunctionHead(this.text.slice(this.#codeAt, at + 1))) return at + 1;
    const stop = restOfLine(this.text, at + 1);
    this.#end(stop);
    return stop;
  }

  #directive(at: number): number {
    const stop = directiveEnd(this.text, at);
    const word = /^#\s*(\w+)/.exec(this.text.slice(at, Math.min(stop, at + 40)))?.[1] ?? "";
    const isBetween = this.#codeAt < 0;
    this.#begin(at);
    if (word.startsWith("if")) this.#openConditional(codeOf(this.text.slice(at, stop)));
    else if (/^(?:elif|else|endif)/.test(word)) this.#turnConditional(word, isBetween);
    if (isBetween) this.#end(stop);
    return stop;
  }

  #openConditional(asks: string): void {
    this.#touched.push(this.#seen);
    this.#asks = asks;
    this.#open.push({ id: this.#seen++, depth: this.#depth, asks });
  }

  #turnConditional(word: string, isBetween: boolean): void {
    const top = this.#open.at(-1);
    if (top === undefined) return;
    this.#touched.push(top.id);
    this.#asks = top.asks;
    if (word === "endif") this.#open.pop();
    else this.#depth = top.depth;
    if (isBetween) this.#inside = this.#open.map(({ id }) => id).filter((id) => id !== top.id);
  }

  #begin(at: number): void {
    if (this.#codeAt >= 0) return;
    this.#codeAt = at;
    this.#inside = this.#open.map(({ id }) => id);
  }

  #end(at: number): void {
    if (at > this.#start) {
      // A conditional that begins and ends in the unit ties it to nothing else.
      const times = (id: number): number => this.#touched.filter((touched) => touched === id).length;
      const stillOpen = new Set(this.#open.map(({ id }) => id));
      const isWhole = (id: number): boolean =>
        times(id) > 1 && !stillOpen.has(id) && !this.#inside.includes(id);
      const directivesOf = [...new Set(this.#touched)].filter((id) => !isWhole(id));
      const text = this.text.slice(this.#start, at);
      this.#cuts.push({ text, directivesOf, inside: this.#inside, asks: this.#asks });
    }
    this.#start = at;
    this.#codeAt = -1;
    this.#touched = [];
    this.#asks = "";
  }
}

/** Told from a struct or an initializer by the parenthesis before the body. */
export function isFunctionHead(text: string): boolean {
  const open = indexOfCode(text, "{");
  if (open < 0) return false;
  const head = codeOf(text.slice(0, open));
  return head.includes("(") && !head.startsWith("typedef") && !head.includes("=");
}

/** The first offset of a character outside comments and literals, or -1. */
export function indexOfCode(text: string, wanted: string): number {
  for (let at = 0; at < text.length;) {
    const skipped = skipNoCode(text, at);
    if (skipped > at) at = skipped;
    else if (text[at] === wanted) return at;
    else at++;
  }
  return -1;
}

/** The offset after the blanks and comments that a text begins with, at the start of a line where one is between. */
export function codeStart(text: string): number {
  let at = 0;
  while (at < text.length && text[at] !== '"' && text[at] !== "'") {
    const skipped = skipNoCode(text, at);
    if (skipped === at) break;
    at = skipped;
  }
  const line = text.lastIndexOf("\n", at - 1) + 1;
  return text.slice(line, at).trim() === "" ? line : at;
}

/** Blanks, comments and literals: the offset after what starts at `at`, or `at` itself. */
export function skipNoCode(text: string, at: number): number {
  const char = text[at]!;
  if (" \t\n\r\f".includes(char)) return at + 1;
  if (char === "/" && text[at + 1] === "*") return after(text, text.indexOf("*/", at + 2), 2);
  if (char === "/" && text[at + 1] === "/") return after(text, text.indexOf("\n", at), 0);
  if (char !== '"' && char !== "'") return at;
  let to = at + 1;
  while (to < text.length && text[to] !== char && text[to] !== "\n") to += text[to] === "\\" ? 2 : 1;
  return Math.min(text.length, to + (text[to] === char ? 1 : 0));
}

function after(text: string, found: number, length: number): number {
  return found < 0 ? text.length : found + length;
}

export function isLineStart(text: string, at: number): boolean {
  let back = at - 1;
  while (text[back] === " " || text[back] === "\t") back--;
  return back < 0 || text[back] === "\n";
}

export function directiveEnd(text: string, from: number): number {
  for (let at = from; at < text.length;) {
    if (text[at] === "\n") return at + 1;
    if (text[at] === "\\" && text[at + 1] === "\n") at += 2;
    else if (text[at] === "\\" && text.startsWith("\r\n", at + 1)) at += 3;
    else if (text.startsWith("/*", at)) at = after(text, text.indexOf("*/", at + 2), 2);
    else at++;
  }
  return text.length;
}

/** A comment behind a declaration belongs to it. */
export function restOfLine(text: string, at: number): number {
  const rest = /^[ \t]*(?:\/\*[^\n]*?\*\/[ \t]*|\/\/[^\n]*)?\r?\n/.exec(text.slice(at, at + 400));
  return rest ? at + rest[0].length : at;
}
