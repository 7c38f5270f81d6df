// The tokens before a top-level `{` or `;` say what they declare. Macros aren't expanded: attributes and annotation
// macros are recognised by name and place (shared table below; found by reading vendor drivers).
import { LITERAL, MARK, markOf, NUMBER, WORD, wordOf, type Tokens } from "./lex.js";

export type DeclarationKind =
  "struct" | "union" | "enum" | "typedef" | "global" | "table" | "prototype" | "invocation";

export interface Declaration {
  kind: DeclarationKind;
  name: string;
}

const attribute =
  /^(?:__attribute(?:__)?|__printf|__scanf|__acquires?(?:_shared)?|__cond_acquires|__releases?(?:_shared)?|__must_hold|__aligned|__section|__alias|__assume_aligned|__alloc_size|__malloc|__context_unsafe|__declspec|__alignas|_Alignas|__format_arg|__no_sanitize|__nonnull|__counted_by(?:_[lb]e)?|__guarded_by|__pure|__const|__used|__packed|__deprecated|__cacheline_\w+|noinline_for_stack|\w*_aligned|asm|__asm__)$/;
const keyword = new Set(
  "void int char short long float double signed unsigned bool _Bool const volatile if else for while do switch return sizeof typeof __typeof__ goto case struct union enum static inline extern".split(
    " ",
  ),
);
const storage =
  /^(?:static|inline|extern|__inline|__inline__|__always_inline|STATIC|INLINE|noinline|__init|__exit)$/;
const [openParen, closeParen, openBracket, closeBracket] = [40, 41, 91, 93];
const capitals = /^[A-Z][A-Z0-9_]*$/;

/** The header of a declaration: indexes of its tokens at brace depth 0 (a body leaves `{` and `}` there). */
export class Header {
  constructor(
    private readonly tokens: Tokens,
    private readonly indexes: readonly number[],
  ) {}

  get length(): number {
    return this.indexes.length;
  }

  word(at: number): string {
    const index = this.indexes[at];
    return index === undefined ? "" : wordOf(this.tokens, index);
  }

  /** The code of a mark, 0 for anything else. */
  mark(at: number): number {
    const index = this.indexes[at];
    return index !== undefined && this.tokens.kind[index] === MARK ? markOf(this.tokens, index) : 0;
  }

  isWord(at: number): boolean {
    const index = this.indexes[at];
    return index !== undefined && this.tokens.kind[index] === WORD;
  }

  /** The token that follows in the text, also inside braces. */
  wordAfter(at: number): string {
    const index = this.indexes[at]! + 1;
    return index < this.tokens.count ? wordOf(this.tokens, index) : "";
  }

  isValue(at: number): boolean {
    const kind = this.tokens.kind[this.indexes[at] ?? -1];
    return kind === NUMBER || kind === LITERAL;
  }
}

/** The groups `word (...)` at the outermost level that may name a function, in order. */
function namedGroups(header: Header): { at: number; name: string; afterGroup: boolean }[] {
  const groups: { at: number; name: string; afterGroup: boolean }[] = [];
  let nesting = 0;
  for (let at = 0; at < header.length; at++) {
    const mark = header.mark(at);
    if (mark === openParen || mark === openBracket) {
      const name =
        nesting === 0 && mark === openParen && at > 0 && header.isWord(at - 1) ? header.word(at - 1) : "";
      if (name !== "" && !keyword.has(name) && !attribute.test(name))
        groups.push({ at: at - 1, name, afterGroup: at > 1 && header.mark(at - 2) === closeParen });
      nesting++;
    } else if ((mark === closeParen || mark === closeBracket) && nesting > 0) nesting--;
  }
  return groups;
}

/**
 * The name of the function that a header declares, or undefined. It is the last group that isn't a trailing annotation
 * such as OVS_REQUIRES(x). `typed` is false for a bare macro call such as module_init(x).
 */
export function functionName(header: Header): { name: string; typed: boolean } | undefined {
  const groups = namedGroups(header);
  let chosen = groups.length - 1;
  while (chosen > 0 && groups[chosen]!.afterGroup && capitals.test(groups[chosen]!.name)) chosen--;
  const group = groups[chosen];
  if (group === undefined) return nestedName(header);
  const before = group.at > 0 ? header.word(group.at - 1) : "";
  if (before === "struct" || before === "union" || before === "enum") return undefined;
  const typed = group.at > 0 && !everyStorage(header, group.at);
  return { name: typed ? group.name : bareName(header, group), typed };
}

function everyStorage(header: Header, until: number): boolean {
  for (let at = 0; at < until; at++) if (!storage.test(header.word(at))) return false;
  return true;
}

/** A macro call at file scope is told apart by its first argument: DEFINE_MUTEX(i40e_lock). */
function bareName(header: Header, group: { at: number; name: string }): string {
  if (!capitals.test(group.name) && !/^module_|^late_initcall|^subsys_initcall/.test(group.name))
    return group.name;
  const first = header.isWord(group.at + 2) || header.isValue(group.at + 2) ? header.word(group.at + 2) : "";
  return `${group.name}(${first})`;
}

/** `int (*get_callback(int kind))(void)`: the name stands inside the first group. */
function nestedName(header: Header): { name: string; typed: boolean } | undefined {
  for (let at = 1; at + 2 < header.length; at++)
    if (header.word(at) === "(" && header.word(at + 1) === "*") {
      const name = at + 2;
      return header.isWord(name) && header.word(name + 1) === "("
        ? { name: header.word(name), typed: true }
        : undefined;
    }
  return undefined;
}

/** What a declaration that ends with `;` declares, and under which name. */
export function classify(header: Header): Declaration {
  const words = Array.from({ length: header.length }, (_, at) => header.word(at));
  if (words[0] === "typedef") return { kind: "typedef", name: declaredName(header, words.length) };
  const assign = outermost(words, "=");
  if (assign >= 0) {
    const kind = words.indexOf("{", assign) >= 0 ? "table" : "global";
    return { kind, name: declaredName(header, assign) };
  }
  const brace = words.indexOf("{");
  const aggregate = words.findIndex((word) => word === "struct" || word === "union" || word === "enum");
  if (brace >= 0 && aggregate >= 0 && aggregate < brace)
    return { kind: words[aggregate] as "struct" | "union" | "enum", name: tagName(header, aggregate, brace) };
  const named = functionName(header);
  if (named !== undefined) return { kind: named.typed ? "prototype" : "invocation", name: named.name };
  if (aggregate >= 0 && words.length === aggregate + 2)
    return { kind: "prototype", name: `${words[aggregate]!} ${words[aggregate + 1]!}` };
  return { kind: "global", name: declaredName(header, words.length) };
}

function outermost(words: readonly string[], wanted: string): number {
  let nesting = 0;
  for (const [at, word] of words.entries()) {
    if (word === "(" || word === "[") nesting++;
    else if (word === ")" || word === "]") nesting--;
    else if (word === wanted && nesting <= 0) return at;
  }
  return -1;
}

function tagName(header: Header, aggregate: number, brace: number): string {
  let nesting = 0;
  let name = "";
  for (let at = aggregate + 1; at < brace; at++) {
    if (header.word(at) === "(") nesting++;
    else if (header.word(at) === ")") nesting--;
    else if (nesting === 0 && header.isWord(at) && !attribute.test(header.word(at))) name = header.word(at);
  }
  return name === "" ? `{${header.wordAfter(brace)}}` : name;
}

/** The last outermost word before `end` that is no attribute; `(*name)` of a function pointer wins. */
function declaredName(header: Header, end: number): string {
  let nesting = 0;
  let name = "";
  for (let at = 0; at < end; at++) {
    const word = header.word(at);
    if (word === "(" && header.word(at + 1) === "*" && header.isWord(at + 2) && nesting === 0)
      return header.word(at + 2);
    if (word === "(" || word === "[") nesting++;
    else if (word === ")" || word === "]") nesting--;
    else if (nesting === 0 && header.isWord(at) && !isAnnotation(word)) name = word;
  }
  return name;
}

function isAnnotation(word: string): boolean {
  return (
    attribute.test(word) ||
    /^__(?!.*__$)[a-z_]*(?:read_mostly|initdata|initconst|unused|data|packed)/.test(word)
  );
}
