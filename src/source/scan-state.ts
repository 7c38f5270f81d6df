// Where the scanner stands in a file. Every branch of an #if is read from a copy.
import type { FoundUnit } from "./conditionals.js";

/** A function whose `}` has not come yet. */
export interface OpenFunction {
  name: string;
  start: number;
  bodyStart: number;
  /** Its `{` stands at column 0, so its `}` does too. */
  isFlush: boolean;
  alternatives: readonly string[];
  found: FoundUnit | undefined;
}

export interface ScanState {
  depth: number;
  parens: number;
  /** Indexes of the tokens at depth 0 since the last unit. */
  header: number[];
  /** Names in the headers of branches that were read and left. */
  otherNames: string[];
  /** Whether an `=` stands in the header. */
  assigned: boolean;
  open: OpenFunction | undefined;
}

export function emptyState(): ScanState {
  return { depth: 0, parens: 0, header: [], otherNames: [], assigned: false, open: undefined };
}

export function copyOf({ depth, parens, header, otherNames, assigned, open }: ScanState): ScanState {
  return { depth, parens, header: header.slice(), otherNames: otherNames.slice(), assigned, open };
}
