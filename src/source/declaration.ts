// The tokens before a top-level `{` or `;` say what they declare. Macros aren't expanded: attributes and annotation
// macros are recognised by name and place (shared table below; found by reading vendor drivers).
import { LITERAL, NUMBER, WORD, wordOf, type Tokens } from "./lex.js";

export type DeclarationKind =
  "struct" | "union" | "enum" | "typedef" | "global" | "table" | "prototype" | "invocation";

export interface Declaration {
  kind: DeclarationKind;
  name: string;
}

const attribute =
  /^(?:__attribute(?:__)?|__printf|__scanf|__acquires?(?:_shared)?|__cond_acquires|__releases?(?:_shared)?|__must_hold|__aligned|__section|__alias|__assume_aligned|__alloc_size|__malloc|__context_unsafe|__declspec|__alignas|_Alignas|__format_arg|__no_sanitize|__nonnull|__counted_by(?:_[lb]e)?|__guarded_by|__pure|__const|__used|__packed|__deprecated|__cacheline_\w+|noinline_for_stack|__\w*_aligned|asm|__asm__)$/;
const keyword = new Set(
  "void int char short long float double signed unsigned bool _Bool const volatile if else for while do switch return sizeof typeof __typeof__ goto case struct union enum static inline extern".split(
    " ",
  ),
);
const basicTypes = new Set("void int char short long float double signed unsigned bool _Bool".split(" "));
const storage =
  /^(?:static|inline|extern|__inline|__inline__|__always_inline|STATIC|INLINE|noinline|__init|__exit)$/;
const [openParen, closeParen, equals, openBracket, closeBracket, openBrace] = [40, 41, 61, 91, 93, 123];
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
    return index === undefined ? 0 : this.tokens.mark[index]!;
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

/** A group `name (...)`; indexes are those of the header's tokens. */
interface NamedGroup {
  name: string;
  /** Of the name. */
  at: number;
  /** Of the closing parenthesis, the header's length when there is none. */
  close: number;
  afterGroup: boolean;
}

/** The groups at the outermost level that may name a function, in order. */
function namedGroups(header: Header): NamedGroup[] {
  const groups: NamedGroup[] = [];
  let nesting = 0;
  let open: NamedGroup | undefined;
  for (let at = 0; at < header.length; at++) {
    const mark = header.mark(at);
    if (mark === openParen || mark === openBracket) {
      const name =
        nesting === 0 && mark === openParen && at > 0 && header.isWord(at - 1) ? header.word(at - 1) : "";
      if (name !== "" && !keyword.has(name) && !attribute.test(name)) {
        const afterGroup = at > 1 && header.mark(at - 2) === closeParen;
        open = { name, at: at - 1, close: header.length, afterGroup };
        groups.push(open);
      }
      nesting++;
    } else if ((mark === closeParen || mark === closeBracket) && nesting > 0) {
      nesting--;
      if (nesting === 0 && open !== undefined) {
        open.close = at;
        open = undefined;
      }
    }
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
  return { name: typed ? typedName(header, group) : bareName(header, group), typed };
}

/** Whether a header is `f(a, b)` with nothing but names, then perhaps declarations of them. */
export function hasBareParameters(header: Header): boolean {
  const [group] = namedGroups(header);
  return group !== undefined && hasPlainArguments(header, group);
}

function everyStorage(header: Header, until: number): boolean {
  for (let at = 0; at < until; at++) if (!storage.test(header.word(at))) return false;
  return true;
}

/**
 * A name that a macro makes is told apart by the macro's arguments: `int HANDLER(open)(struct file *f)`, `int
 * PROC(max)`; a macro may also stand for the parameters: `void end_io BIO_ARGS(bio, error)`.
 */
function typedName(header: Header, group: NamedGroup): string {
  if (header.mark(group.close + 1) === openParen) return callText(header, group);
  if (!capitals.test(group.name)) return group.name;
  if (group.at > 1 && isPlainName(header, group.at - 1) && isType(header, group.at - 2))
    return header.word(group.at - 1);
  return hasPlainArguments(header, group) ? callText(header, group) : group.name;
}

function isPlainName(header: Header, at: number): boolean {
  const word = header.word(at);
  if (!header.isWord(at) || isReserved(word)) return false;
  return /[a-z]/.test(word) && !/_t$|^__|^(?:asmlinkage|notrace|noinstr|fastcall)$/.test(word);
}

function isType(header: Header, at: number): boolean {
  const word = header.word(at);
  return word === "*" || basicTypes.has(word) || (header.isWord(at) && !isReserved(word));
}

function isReserved(word: string): boolean {
  return keyword.has(word) || storage.test(word) || attribute.test(word);
}

/** Single words between commas: no parameters, whose types come before their names. */
function hasPlainArguments(header: Header, { at, close }: NamedGroup): boolean {
  if (close === at + 2 || header.word(at + 2) === "void") return false;
  for (let word = at + 2; word < close; word++)
    if (((word - at) & 1) === 0 ? !header.isWord(word) : header.word(word) !== ",") return false;
  return true;
}

function callText(header: Header, { at, close }: NamedGroup): string {
  let text = "";
  for (let word = at; word <= close && text.length < 80; word++) text += header.word(word);
  return text;
}

/** A macro call at file scope is told apart by its first argument: DEFINE_MUTEX(i40e_lock). */
function bareName(header: Header, group: NamedGroup): string {
  if (header.mark(group.close + 1) === openParen) return callText(header, group);
  if (!capitals.test(group.name) && !/^module_|^late_initcall|^subsys_initcall/.test(group.name))
    return group.name;
  const first = header.isWord(group.at + 2) || header.isValue(group.at + 2) ? header.word(group.at + 2) : "";
  return `${group.name}(${first})`;
}

/** `int (*get_callback(int kind))(void)` and `typeof(x)(find(int kind))`: the name stands inside a group. */
function nestedName(header: Header): { name: string; typed: boolean } | undefined {
  for (let at = 1; at + 2 < header.length; at++) {
    if (header.mark(at) !== openParen) continue;
    const isPointer = header.word(at + 1) === "*";
    if (!isPointer && header.mark(at - 1) !== closeParen) continue;
    const name = isPointer ? at + 2 : at + 1;
    if (header.isWord(name) && header.mark(name + 1) === openParen)
      return { name: header.word(name), typed: true };
    if (isPointer) return undefined;
  }
  return undefined;
}

/** What a declaration that ends with `;` declares, and under which name. */
export function classify(header: Header): Declaration {
  const end = header.length;
  if (header.word(0) === "typedef") return { kind: "typedef", name: declaredName(header, end) };
  const { assign, brace, braceAfterAssign, aggregate } = landmarks(header);
  if (assign >= 0) return { kind: braceAfterAssign ? "table" : "global", name: declaredName(header, assign) };
  if (brace >= 0 && aggregate >= 0 && aggregate < brace)
    return { kind: aggregateKind(header, aggregate), name: tagName(header, aggregate, brace) };
  const named = functionName(header);
  if (named !== undefined) return { kind: named.typed ? "prototype" : "invocation", name: named.name };
  if (aggregate >= 0 && end === aggregate + 2)
    return { kind: "prototype", name: `${header.word(aggregate)} ${header.word(aggregate + 1)}` };
  return { kind: "global", name: declaredName(header, end) };
}

/** Where a header's outermost `=`, its first `{` and its first struct, union or enum stand; -1 for nowhere. */
function landmarks(header: Header): {
  assign: number;
  brace: number;
  braceAfterAssign: boolean;
  aggregate: number;
} {
  const found = { assign: -1, brace: -1, braceAfterAssign: false, aggregate: -1 };
  let nesting = 0;
  for (let at = 0; at < header.length; at++) {
    const mark = header.mark(at);
    if (mark === openParen || mark === openBracket) nesting++;
    else if (mark === closeParen || mark === closeBracket) nesting--;
    else if (mark === equals && nesting <= 0 && found.assign < 0) found.assign = at;
    else if (mark === openBrace) {
      if (found.brace < 0) found.brace = at;
      if (found.assign >= 0) return { ...found, braceAfterAssign: true };
    } else if (mark === 0 && found.aggregate < 0 && found.assign < 0 && isAggregate(header.word(at)))
      found.aggregate = at;
  }
  return found;
}

function isAggregate(word: string): boolean {
  return word === "struct" || word === "union" || word === "enum";
}

function aggregateKind(header: Header, at: number): "struct" | "union" | "enum" {
  const word = header.word(at);
  return word === "union" || word === "enum" ? word : "struct";
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
