// Finds top-level units in tokens, without expanding macros. Every #if branch is read from the state at its #if; at
// #endif one branch's state goes on. So alternative headers and bodies whose branches don't balance are read as one
// function, as a person reads them.
import type { Conditional, FoundUnit } from "./conditionals.js";
import { classify, functionName, hasBareParameters, Header } from "./declaration.js";
import { conditionOf, nameOf, negate, parseDirective, type Directive } from "./directive.js";
import { DIRECTIVE, MARK, markOf, NUMBER, WORD, wordOf, type Tokens } from "./lex.js";

const none: readonly string[] = [];
const oldStyleMarks = new Set(Array.from("*,;[]()", (mark) => mark.charCodeAt(0)));
const [closeParen, colon, semicolon, openBrace, closeBrace] = [41, 58, 59, 123, 125];

interface OpenFunction {
  name: string;
  start: number;
  bodyStart: number;
  /** Its `{` stands at column 0, so its `}` does too. */
  isFlush: boolean;
  alternatives: readonly string[];
  found: FoundUnit | undefined;
}

interface State {
  depth: number;
  parens: number;
  header: number[];
  /** Names in the headers of branches that were read and left. */
  otherNames: string[];
  assigned: boolean;
  open: OpenFunction | undefined;
}

interface Group {
  conditional: Conditional;
  before: State;
  ends: State[];
  conditions: string[];
  isDead: boolean;
  hasElse: boolean;
}

export interface Scan {
  found: FoundUnit[];
  conditionals: Conditional[];
  problems: { at: number; message: string }[];
}

export class Scanner {
  private readonly result: Scan = { found: [], conditionals: [], problems: [] };
  private readonly groups: Group[] = [];
  private state: State = emptyState();
  private deadGroups = 0;

  constructor(private readonly tokens: Tokens) {}

  scan(): Scan {
    const { kind, count } = this.tokens;
    for (let at = 0; at < count; at++) {
      if (kind[at] === DIRECTIVE) this.directive(at);
      else if (this.deadGroups > 0) continue;
      else if (kind[at] !== MARK) {
        if (this.state.depth === 0) this.addToHeader(at);
      } else this.mark(at, markOf(this.tokens, at));
    }
    this.finish();
    return this.result;
  }

  private mark(at: number, code: number): void {
    const state = this.state;
    if (code === openBrace) this.openBrace(at);
    else if (code === closeBrace) this.closeBrace(at);
    else if (state.depth > 0) return;
    else if (code === semicolon && state.parens === 0) {
      if (!this.isOldStyle(at)) this.endDeclaration(this.tokens.end[at]!);
    } else {
      if (code === 40 || code === 91) state.parens++;
      else if ((code === closeParen || code === 93) && state.parens > 0) state.parens--;
      else if (code === 61 && state.parens === 0) state.assigned = true;
      state.header.push(at);
    }
  }

  /** At column 0 a new declaration begins where the last one can't go on: after a bare macro call, after a `}`. */
  private addToHeader(at: number): void {
    const state = this.state;
    if (state.header.length > 0 && this.tokens.kind[at] === WORD && this.isFlush(at)) {
      if (state.parens > 0 && /^(?:static|extern|typedef)$/.test(wordOf(this.tokens, at))) {
        this.problem(state.header[0]!, "parentheses that don't close before the next declaration");
        this.dropHeader();
      } else if (state.parens === 0 && !state.assigned && this.endsLikeUnit() && !this.isOldStyle(at))
        this.endDeclaration(this.tokens.end[state.header.at(-1)!]!);
    }
    this.state.header.push(at);
  }

  /**
   * `int f(a, b)` and then the parameters' declarations, as C was written before 1989. `at` is the `;` of the first one
   * or a later one; they go on until a `{` that follows a `;`.
   */
  private isOldStyle(at: number): boolean {
    const { header, assigned } = this.state;
    if (assigned || header.length < 5 || !hasBareParameters(new Header(this.tokens, header))) return false;
    return this.leadsToBody(at);
  }

  private leadsToBody(from: number): boolean {
    const { kind, count } = this.tokens;
    for (let at = from; at < count && at - from < 200; at++) {
      const mark = this.markAt(at);
      if (mark === openBrace) return this.markAt(at - 1) === semicolon;
      if (kind[at] !== WORD && kind[at] !== NUMBER && !oldStyleMarks.has(mark)) return false;
    }
    return false;
  }

  private endsLikeUnit(): boolean {
    const header = this.state.header;
    const last = this.markAt(header.at(-1)!);
    if (last === closeBrace) return true;
    if (last !== closeParen || !this.isFlush(header[0]!)) return false;
    return functionName(new Header(this.tokens, header))?.typed === false;
  }

  private openBrace(at: number): void {
    const state = this.state;
    if (state.depth > 0) {
      if (state.open?.isFlush && this.isFlush(at) && this.resumeAt(at)) return;
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
    this.state = emptyState();
    this.state.depth = 1;
    this.state.open = {
      name,
      start: this.tokens.start[header[0]!]!,
      bodyStart: this.tokens.start[at]!,
      isFlush: this.isFlush(at),
      alternatives: [...new Set(otherNames)].filter((other) => other !== name),
      found: undefined,
    };
  }

  /** A `{` at column 0 after what reads as a header at column 0: the function before it has lost its end. */
  private resumeAt(brace: number): boolean {
    const header: number[] = [];
    let at = brace - 1;
    for (; at >= 0 && brace - at < 200; at--) {
      const mark = this.markAt(at);
      if (
        this.tokens.kind[at] === DIRECTIVE ||
        mark === semicolon ||
        mark === openBrace ||
        mark === closeBrace
      )
        break;
      header.unshift(at);
    }
    if (header.length < 3 || !this.isFlush(header[0]!)) return false;
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

  private closeBrace(at: number): void {
    const state = this.state;
    if (state.depth === 0) return;
    if (state.depth > 1 && this.isFlush(at) && this.endsWhateverTheDepth(at)) {
      this.problem(at, "braces that don't balance before this line");
      state.depth = 1;
    }
    if (state.depth === 1 && state.open?.isFlush && !this.isFlush(at) && this.bodyGoesOn(at)) return;
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
    const { open, header } = this.state;
    if (open === undefined ? header.length === 0 || !this.isFlush(header[0]!) : !open.isFlush) return false;
    const next = this.nextCode(at + 1);
    const isAlone = next === undefined || this.isOnLaterLine(at, next);
    if (open === undefined) return !isAlone && this.markAt(next) === semicolon && this.isNextFlush(next);
    return isAlone && this.isNextFlush(at) && !(next !== undefined && this.markAt(next + 1) === colon);
  }

  private bodyGoesOn(at: number): boolean {
    const next = this.nextCode(at + 1);
    return (
      next !== undefined && this.isOnLaterLine(at, next) && !this.isFlush(next) && this.findsFlushEnd(next)
    );
  }

  /** Whether a `}` at column 0 comes before anything else at column 0. */
  private findsFlushEnd(from: number): boolean {
    for (let at = from; at < this.tokens.count; at++)
      if (this.tokens.kind[at] !== DIRECTIVE && this.isFlush(at) && this.markAt(at + 1) !== colon)
        return this.markAt(at) === closeBrace;
    return false;
  }

  private isNextFlush(at: number): boolean {
    const next = this.nextCode(at + 1);
    return next === undefined || this.isFlush(next);
  }

  private nextCode(from: number): number | undefined {
    let at = from;
    while (at < this.tokens.count && this.tokens.kind[at] === DIRECTIVE) at++;
    return at < this.tokens.count ? at : undefined;
  }

  private isOnLaterLine(at: number, next: number): boolean {
    const { codes, start, end } = this.tokens;
    for (let offset = end[at]!; offset < start[next]!; offset++) if (codes[offset] === 10) return true;
    return false;
  }

  private close(open: OpenFunction, end: number): void {
    if (open.found !== undefined) {
      open.found.end = Math.max(open.found.end, end);
      return;
    }
    const { name, start, bodyStart, alternatives } = open;
    open.found = { kind: "function", name, start, end, bodyStart, alternatives };
    this.result.found.push(open.found);
  }

  private endDeclaration(end: number): void {
    const { header } = this.state;
    if (header.length > 0) {
      const { kind, name } = classify(new Header(this.tokens, header));
      const start = this.tokens.start[header[0]!]!;
      if (name !== "")
        this.result.found.push({ kind, name, start, end, bodyStart: undefined, alternatives: none });
    }
    this.dropHeader();
  }

  private dropHeader(): void {
    const { depth, open } = this.state;
    this.state = { ...emptyState(), depth, open };
  }

  private directive(at: number): void {
    const directive = parseDirective(this.tokens, at);
    switch (directive.kind) {
      case "if":
        return this.openGroup(at, conditionOf(this.tokens, at, directive));
      case "elif":
      case "else":
        return this.nextBranch(at, directive);
      case "endif":
        return this.closeGroup(at);
      case "define":
      case "include":
        return this.lineUnit(at, directive);
      case "other":
        return;
    }
  }

  private lineUnit(at: number, directive: Directive): void {
    const state = this.state;
    if (this.deadGroups > 0 || state.depth > 0 || state.parens > 0 || state.assigned) return;
    if (state.header.length > 0) {
      if (!this.endsLikeUnit()) return;
      this.endDeclaration(this.tokens.end[state.header.at(-1)!]!);
    }
    const name = nameOf(this.tokens, at, directive);
    if (name === "") return;
    this.result.found.push({
      kind: directive.kind === "define" ? "macro" : "include",
      name,
      start: this.tokens.start[at]!,
      end: this.tokens.end[at]!,
      bodyStart: undefined,
      alternatives: none,
    });
  }

  private openGroup(at: number, condition: string): void {
    const start = this.tokens.start[at]!;
    const conditional = {
      start,
      end: start,
      branches: [{ start, condition }],
      isGuard: this.isGuard(at, condition),
    };
    const isDead = condition === "0";
    this.groups.push({
      conditional,
      before: copyOf(this.state),
      ends: [],
      conditions: [condition],
      isDead,
      hasElse: false,
    });
    if (isDead) this.deadGroups++;
  }

  private isGuard(at: number, condition: string): boolean {
    if (at !== 0 || !condition.startsWith("!defined(") || this.tokens.kind[1] !== DIRECTIVE) return false;
    const next = parseDirective(this.tokens, 1);
    return next.kind === "define" && condition === `!defined(${nameOf(this.tokens, 1, next)})`;
  }

  private nextBranch(at: number, directive: Directive): void {
    const group = this.groups.at(-1);
    if (group === undefined) return this.problem(at, `#${directive.kind} without #if`);
    this.leaveBranch(group);
    const own = directive.kind === "elif" ? [conditionOf(this.tokens, at, directive)] : [];
    group.conditional.branches.push({
      start: this.tokens.start[at]!,
      condition: [...group.conditions.map(negate), ...own].join(" && "),
    });
    group.isDead = directive.kind === "elif" ? own[0] === "0" : group.conditions[0] === "1";
    group.conditions.push(...own);
    group.hasElse ||= directive.kind === "else";
    if (group.isDead) this.deadGroups++;
    this.state = copyOf(group.before);
  }

  private leaveBranch(group: Group): void {
    if (group.isDead) this.deadGroups--;
    else group.ends.push(this.state);
  }

  private closeGroup(at: number): void {
    const group = this.groups.pop();
    if (group === undefined) return this.problem(at, "#endif without #if");
    this.leaveBranch(group);
    group.conditional.end = this.tokens.end[at]!;
    this.result.conditionals.push(group.conditional);
    this.state = this.stateAfter(group);
  }

  private stateAfter(group: Group): State {
    const { before, ends } = group;
    if (!group.hasElse) ends.push(before);
    const first = ends[0] ?? before;
    const startsHere = before.depth === 0 && first.depth > 0 && ends.length === 2 && !group.hasElse;
    const chosen = startsHere
      ? first
      : (ends.find((end) => end.depth === before.depth && end.parens === before.parens) ??
        ends.find((end) => end.depth === before.depth) ??
        first);
    if (ends.some((end) => end.depth !== chosen.depth) && group.hasElse)
      this.problemAt(group.conditional.start, "branches of this #if don't balance alike");
    const names = [...new Set(ends.flatMap((end) => this.namesOf(end)))];
    if (chosen.open !== undefined && chosen.open !== before.open)
      chosen.open.alternatives = names.filter((name) => name !== chosen.open?.name);
    else chosen.otherNames = names;
    return chosen;
  }

  private namesOf(state: State): string[] {
    if (state.open !== undefined) return state.depth === 1 ? [state.open.name] : [];
    if (state.depth > 0 || state.header.length < 3) return state.otherNames;
    const named = functionName(new Header(this.tokens, state.header));
    return named === undefined ? state.otherNames : [...state.otherNames, named.name];
  }

  private finish(): void {
    const { open, header } = this.state;
    const end = this.tokens.text.length;
    for (const group of this.groups) {
      this.problemAt(group.conditional.start, "#if without #endif");
      group.conditional.end = end;
      this.result.conditionals.push(group.conditional);
    }
    if (open !== undefined) {
      this.problemAt(open.start, `${open.name} has no end`);
      this.close(open, end);
    } else if (header.length > 0) {
      if (this.endsLikeUnit()) this.endDeclaration(this.tokens.end[header.at(-1)!]!);
      else this.problem(header[0]!, "a declaration without an end");
    }
  }

  /** The code of a mark, 0 for anything else. */
  private markAt(at: number): number {
    return at < this.tokens.count && this.tokens.kind[at] === MARK ? markOf(this.tokens, at) : 0;
  }

  private isFlush(at: number): boolean {
    const start = this.tokens.start[at]!;
    return start === 0 || this.tokens.codes[start - 1] === 10;
  }

  private problem(at: number, message: string): void {
    this.problemAt(this.tokens.start[at]!, message);
  }

  private problemAt(at: number, message: string): void {
    this.result.problems.push({ at, message });
  }
}

function emptyState(): State {
  return { depth: 0, parens: 0, header: [], otherNames: [], assigned: false, open: undefined };
}

function copyOf({ depth, parens, header, otherNames, assigned, open }: State): State {
  return { depth, parens, header: header.slice(), otherNames: otherNames.slice(), assigned, open };
}
