// Where tokens stand on their lines. A driver's functions begin and end at column 0, also where an #if keeps their
// braces from balancing.
import { DIRECTIVE, type Tokens } from "./lex.js";

const [colon, closeBrace] = [58, 125];

export class Layout {
  constructor(private readonly tokens: Tokens) {}

  /** The code of a mark, 0 for anything else. */
  markAt(at: number): number {
    return at < this.tokens.count ? this.tokens.mark[at]! : 0;
  }

  /** Whether a token stands at column 0. */
  isFlush(at: number): boolean {
    const start = this.tokens.start[at]!;
    return start === 0 || this.tokens.codes[start - 1] === 10;
  }

  /** How many blanks stand before a token on its line; infinitely many where other text does. */
  indentOf(at: number): number {
    const { codes, start } = this.tokens;
    let before = start[at]! - 1;
    while (codes[before] === 32 || codes[before] === 9) before--;
    return before < 0 || codes[before] === 10 ? start[at]! - 1 - before : Infinity;
  }

  isOnLaterLine(at: number, next: number): boolean {
    const { codes, start, end } = this.tokens;
    for (let offset = end[at]!; offset < start[next]!; offset++) if (codes[offset] === 10) return true;
    return false;
  }

  /** The first token from here on that is no preprocessor line. */
  nextCode(from: number): number | undefined {
    let at = from;
    while (at < this.tokens.count && this.tokens.kind[at] === DIRECTIVE) at++;
    return at < this.tokens.count ? at : undefined;
  }

  /** Whether what follows a token stands at column 0; the file's end does. */
  isNextFlush(at: number): boolean {
    const next = this.nextCode(at + 1);
    return next === undefined || this.isFlush(next);
  }

  /** Whether a `}` at column 0 comes before anything else at column 0 but a label. */
  findsFlushEnd(from: number): boolean {
    for (let at = from; at < this.tokens.count; at++)
      if (this.tokens.kind[at] !== DIRECTIVE && this.isFlush(at) && this.markAt(at + 1) !== colon)
        return this.markAt(at) === closeBrace;
    return false;
  }
}
