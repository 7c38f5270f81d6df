// Finds top-level units in tokens, without expanding macros: a function is a header at brace depth 0 that names one and
// the braces after it, a declaration all that ends with a `;` or where the next one begins at column 0.
import { Branches } from "./branches.js";
import type { Conditional, FoundUnit } from "./conditionals.js";
import { classify, functionName, Header } from "./declaration.js";
import { nameOf, parseDirective, type Directive } from "./directive.js";
import { Layout } from "./layout.js";
import { DIRECTIVE, WORD, wordOf, type Tokens } from "./lex.js";
import { isOldStyle } from "./old-style.js";
import { emptyState, type OpenFunction, type ScanState } from "./scan-state.js";

const none: readonly string[] = [];
const [openParen, closeParen, colon, semicolon, equals] = [40, 41, 58, 59, 61];
const [openBracket, closeBracket, openBrace, closeBrace] = [91, 93, 123, 125];
const longestHeader = 200;

export interface Scan {
  found: FoundUnit[];
  conditionals: readonly Conditional[];
  problems: { at: number; message: string }[];
}

export class Scanner {
  private readonly found: FoundUnit[] = [];
  private readonly problems: Scan["problems"] = [];
  private readonly layout: Layout;
  private readonly branches: Branches;
  private state: ScanState = emptyState();

  constructor(private readonly tokens: Tokens) {
    this.layout = new Layout(tokens);
    this.branches = new Branches(tokens, (at, message) => void this.problems.push({ at, message }));
  }

  scan(): Scan {
    const { kind, mark, count } = this.tokens;
    for (let at = 0; at < count; at++) {
      if (kind[at] === DIRECTIVE) this.directive(at);
      else if (this.branches.areDead) at = this.nextDirective(at) - 1;
      else if (this.state.depth > 0) at = this.inside(at);
      else if (mark[at] === 0) this.addToHeader(at);
      else this.mark(at, mark[at]!);
    }
    this.finish();
    return { found: this.found, conditionals: this.branches.conditionals, problems: this.problems };
  }

  private directive(at: number): void {
    const directive = parseDirective(this.tokens, at);
    switch (directive.kind) {
      case "if":
        return this.branches.open(at, directive, this.state);
      case "elif":
      case "else":
        this.state = this.branches.next(at, directive, this.state);
        return;
      case "endif":
        this.state = this.branches.close(at, this.state);
        return;
      case "define":
      case "include":
        return this.lineUnit(at, directive);
      case "other":
        return;
    }
  }

  private nextDirective(from: number): number {
    const { kind, count } = this.tokens;
    let at = from;
    while (at < count && kind[at] !== DIRECTIVE) at++;
    return at;
  }

  /** Within braces only they and the preprocessor's lines count; gives the last token that was read. */
  private inside(from: number): number {
    const { kind, mark, count } = this.tokens;
    for (let at = from; at < count; at++) {
      if (kind[at] === DIRECTIVE) return at - 1;
      if (mark[at] === openBrace) this.openBrace(at);
      else if (mark[at] === closeBrace) {
        this.closeBrace(at);
        if (this.state.depth === 0) return at;
      }
    }
    return count;
  }

  private mark(at: number, code: number): void {
    const state = this.state;
    if (code === openBrace) this.openBrace(at);
    else if (code === closeBrace) this.closeBrace(at);
    else if (code === semicolon && state.parens === 0) {
      if (!this.isOldStyle(at)) this.endDeclaration(this.tokens.end[at]!);
    } else {
      if (code === openParen || code === openBracket) state.parens++;
      else if ((code === closeParen || code === closeBracket) && state.parens > 0) state.parens--;
      else if (code === equals && state.parens === 0) state.assigned = true;
      state.header.push(at);
    }
  }

  /**
   * A new declaration begins where the last one can't go on: at column 0 after a `}`, and after a bare macro call on a
   * line that is not indented deeper.
   */
  private addToHeader(at: number): void {
    const { header, parens, assigned } = this.state;
    if (header.length > 0 && this.tokens.kind[at] === WORD) {
      if (parens > 0) this.dropUnclosed(at);
      else if (!assigned && this.canBegin(at) && this.endsLikeUnit() && !this.isOldStyle(at))
        this.endDeclaration(this.tokens.end[header.at(-1)!]!);
    }
    this.state.header.push(at);
  }

  private dropUnclosed(at: number): void {
    if (!this.layout.isFlush(at) || !/^(?:static|extern|typedef)$/.test(wordOf(this.tokens, at))) return;
    this.problem(this.state.header[0]!, "parentheses that don't close before the next declaration");
    this.dropHeader();
  }

  private canBegin(at: number): boolean {
    const { layout } = this;
    if (layout.isFlush(at)) return true;
    const { header } = this.state;
    if (layout.markAt(header.at(-1)!) !== closeParen) return false;
    return layout.indentOf(at) <= layout.indentOf(header[0]!);
  }

  private isOldStyle(from: number): boolean {
    const { header, assigned } = this.state;
    return !assigned && isOldStyle(this.tokens, this.layout, { header, from });
  }

  private endsLikeUnit(): boolean {
    const header = this.state.header;
    const last = this.layout.markAt(header.at(-1)!);
    if (last === closeBrace) return true;
    if (last !== closeParen || this.layout.indentOf(header[0]!) === Infinity) return false;
    return functionName(new Header(this.tokens, header))?.typed === false;
  }

  private openBrace(at: number): void {
    const state = this.state;
    if (state.depth > 0) {
      if (state.open?.isFlush && this.layout.isFlush(at) && this.resumeAt(at)) return;
      state.depth++;
      return;
    }
    if (state.parens === 0 && !state.assigned) {
      const header = new Header(this.tokens, state.header);
      if (state.header.length === 2 && header.word(0) === "extern") return this.dropHeader();
      const named = functionName(header);
      if (named !== undefined) return this.openFunction(at, named.name);
    }
    state.header.push(at);
    state.depth = 1;
  }

  private openFunction(at: number, name: string): void {
    const { header, otherNames } = this.state;
    const open = {
      name,
      start: this.tokens.start[header[0]!]!,
      bodyStart: this.tokens.start[at]!,
      isFlush: this.layout.isFlush(at),
      alternatives: [...new Set(otherNames)].filter((other) => other !== name),
      found: undefined,
    };
    this.state = { ...emptyState(), depth: 1, open };
  }

  /** A `{` at column 0 after what reads as a header at column 0: the function before it has lost its end. */
  private resumeAt(brace: number): boolean {
    const { at, header } = this.headerBefore(brace);
    if (header.length < 3 || !this.layout.isFlush(header[0]!)) return false;
    const named = functionName(new Header(this.tokens, header));
    const open = this.state.open;
    if (open === undefined || !named?.typed) return false;
    if (named.name === open.name) return true;
    this.problem(header[0]!, `${open.name} has no end before ${named.name}`);
    this.close(open, this.tokens.end[at]!);
    this.state = { ...emptyState(), header };
    this.openFunction(brace, named.name);
    return true;
  }

  /** The tokens before a `{` back to what ends a statement or a line of the preprocessor, which is at `at`. */
  private headerBefore(brace: number): { at: number; header: number[] } {
    const header: number[] = [];
    let at = brace - 1;
    for (; at >= 0 && brace - at < longestHeader; at--) {
      const mark = this.layout.markAt(at);
      if (this.tokens.kind[at] === DIRECTIVE) break;
      if (mark === semicolon || mark === openBrace || mark === closeBrace) break;
      header.unshift(at);
    }
    return { at, header };
  }

  private closeBrace(at: number): void {
    const state = this.state;
    if (state.depth === 0) return;
    if (state.depth > 1 && this.layout.isFlush(at) && this.endsWhateverTheDepth(at)) {
      this.problem(at, "braces that don't balance before this line");
      state.depth = 1;
    }
    if (state.depth === 1 && state.open?.isFlush && !this.layout.isFlush(at) && this.bodyGoesOn(at)) return;
    state.depth--;
    if (state.depth > 0) return;
    if (state.open === undefined) {
      state.header.push(at);
      return;
    }
    this.close(state.open, this.tokens.end[at]!);
    this.state = emptyState();
  }

  private endsWhateverTheDepth(at: number): boolean {
    const { layout } = this;
    const { open, header } = this.state;
    if (open === undefined ? header.length === 0 || !layout.isFlush(header[0]!) : !open.isFlush) return false;
    const next = layout.nextCode(at + 1);
    const isAlone = next === undefined || layout.isOnLaterLine(at, next);
    if (open === undefined) return !isAlone && layout.markAt(next) === semicolon && layout.isNextFlush(next);
    return isAlone && layout.isNextFlush(at) && !(next !== undefined && layout.markAt(next + 1) === colon);
  }

  private bodyGoesOn(at: number): boolean {
    const { layout } = this;
    const next = layout.nextCode(at + 1);
    if (next === undefined || !layout.isOnLaterLine(at, next)) return false;
    return !layout.isFlush(next) && layout.findsFlushEnd(next);
  }

  private close(open: OpenFunction, end: number): void {
    if (open.found !== undefined) {
      open.found.end = Math.max(open.found.end, end);
      return;
    }
    const { name, start, bodyStart, alternatives } = open;
    open.found = { kind: "function", name, start, end, bodyStart, alternatives, condition: none };
    this.found.push(open.found);
  }

  private endDeclaration(end: number): void {
    const { header } = this.state;
    if (header.length > 0) {
      const { kind, name } = classify(new Header(this.tokens, header));
      const start = this.tokens.start[header[0]!]!;
      if (name !== "")
        this.found.push({
          kind,
          name,
          start,
          end,
          bodyStart: undefined,
          alternatives: none,
          condition: none,
        });
    }
    this.dropHeader();
  }

  private dropHeader(): void {
    const { depth, open } = this.state;
    this.state = { ...emptyState(), depth, open };
  }

  /** A #define or #include between units; one inside another unit is a part of that. */
  private lineUnit(at: number, directive: Directive): void {
    const { depth, parens, assigned, header } = this.state;
    if (this.branches.areDead || depth > 0 || parens > 0 || assigned) return;
    if (header.length > 0) {
      if (!this.endsLikeUnit()) return;
      this.endDeclaration(this.tokens.end[header.at(-1)!]!);
    }
    const name = nameOf(this.tokens, at, directive);
    if (name === "") return;
    this.found.push({
      kind: directive.kind === "define" ? "macro" : "include",
      name,
      start: this.tokens.start[at]!,
      end: this.tokens.end[at]!,
      bodyStart: undefined,
      alternatives: none,
      condition: none,
    });
  }

  private finish(): void {
    const { open, header } = this.state;
    this.branches.finish();
    if (open !== undefined) {
      this.problems.push({ at: open.start, message: `${open.name} has no end` });
      this.close(open, this.tokens.text.length);
    } else if (header.length > 0) {
      if (this.endsLikeUnit()) this.endDeclaration(this.tokens.end[header.at(-1)!]!);
      else this.problem(header[0]!, "a declaration without an end");
    }
  }

  private problem(at: number, message: string): void {
    this.problems.push({ at: this.tokens.start[at]!, message });
  }
}
