// Every #if branch is read from the state at its #if; at #endif one branch's state goes on. So alternative headers and
// bodies whose branches don't balance are read as one function, as a person reads them.
import type { Conditional } from "./conditionals.js";
import { functionName, Header } from "./declaration.js";
import { conditionOf, nameOf, negate, parseDirective, type Directive } from "./directive.js";
import { DIRECTIVE, type Tokens } from "./lex.js";
import { copyOf, type ScanState } from "./scan-state.js";

interface Group {
  conditional: Conditional;
  before: ScanState;
  ends: ScanState[];
  conditions: string[];
  isDead: boolean;
  hasElse: boolean;
}

export class Branches {
  /** The groups that were read, in the order of their ends. */
  readonly conditionals: Conditional[] = [];
  private readonly groups: Group[] = [];
  private deadGroups = 0;

  constructor(
    private readonly tokens: Tokens,
    private readonly problemAt: (offset: number, message: string) => void,
  ) {}

  /** Whether no compiler reads what stands here. */
  get areDead(): boolean {
    return this.deadGroups > 0;
  }

  /** At an #if. */
  open(at: number, directive: Directive, state: ScanState): void {
    const condition = conditionOf(this.tokens, at, directive);
    const start = this.tokens.start[at]!;
    const isDead = condition === "0";
    this.groups.push({
      conditional: {
        start,
        end: start,
        branches: [{ start, condition }],
        isGuard: this.isGuard(at, condition),
      },
      before: copyOf(state),
      ends: [],
      conditions: [condition],
      isDead,
      hasElse: false,
    });
    if (isDead) this.deadGroups++;
  }

  /** At an #elif or #else: the state to go on from. */
  next(at: number, directive: Directive, state: ScanState): ScanState {
    const group = this.groups.at(-1);
    const start = this.tokens.start[at]!;
    if (group === undefined) {
      this.problemAt(start, `#${directive.kind} without #if`);
      return state;
    }
    this.leaveBranch(group, state);
    const own = directive.kind === "elif" ? [conditionOf(this.tokens, at, directive)] : [];
    const condition = [...group.conditions.map(negate), ...own].join(" && ");
    group.conditional.branches.push({ start, condition });
    group.isDead = directive.kind === "elif" ? own[0] === "0" : group.conditions[0] === "1";
    group.conditions.push(...own);
    group.hasElse ||= directive.kind === "else";
    if (group.isDead) this.deadGroups++;
    return copyOf(group.before);
  }

  /** At an #endif: the state to go on from. */
  close(at: number, state: ScanState): ScanState {
    const group = this.groups.pop();
    if (group === undefined) {
      this.problemAt(this.tokens.start[at]!, "#endif without #if");
      return state;
    }
    this.leaveBranch(group, state);
    group.conditional.end = this.tokens.end[at]!;
    this.conditionals.push(group.conditional);
    return this.stateAfter(group);
  }

  /** At the end of the text. */
  finish(): void {
    for (const { conditional } of this.groups) {
      this.problemAt(conditional.start, "#if without #endif");
      conditional.end = this.tokens.text.length;
      this.conditionals.push(conditional);
    }
  }

  private isGuard(at: number, condition: string): boolean {
    if (at !== 0 || !condition.startsWith("!defined(") || this.tokens.kind[1] !== DIRECTIVE) return false;
    const next = parseDirective(this.tokens, 1);
    return next.kind === "define" && condition === `!defined(${nameOf(this.tokens, 1, next)})`;
  }

  private leaveBranch(group: Group, state: ScanState): void {
    if (group.isDead) this.deadGroups--;
    else group.ends.push(state);
  }

  private stateAfter(group: Group): ScanState {
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
    if (chosen.open !== undefined && chosen.open !== before.open)
      chosen.open.alternatives = this.namesIn(ends).filter((name) => name !== chosen.open?.name);
    else chosen.otherNames = chosen.header.length > 0 ? this.namesIn(ends) : [];
    return chosen;
  }

  private namesIn(ends: readonly ScanState[]): string[] {
    return [...new Set(ends.flatMap((end) => this.namesOf(end)))];
  }

  private namesOf(state: ScanState): string[] {
    if (state.open !== undefined) return state.depth === 1 ? [state.open.name] : [];
    if (state.depth > 0 || state.header.length < 3) return state.otherNames;
    const named = functionName(new Header(this.tokens, state.header));
    return named === undefined ? state.otherNames : [...state.otherNames, named.name];
  }
}
