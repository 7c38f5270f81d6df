// What a page's script reads: rows as short as they can be, since there are tens of thousands.

/**
 * One line: its sign (" ", "-" or "+") and its text; or, when words of it differ, the sign and the pieces of the
 * text, the same and the differing in turn, the same first.
 */
export type PageRow = string | string[];

/** Rows that stand together. The numbers of the first line on both sides; 0: it has none. */
export interface PageHunk {
  oldLine: number;
  newLine: number;
  rows: PageRow[];
}

/** The hunks of each unit, in the order of the page's `data-unit`. */
export interface PageData {
  units: PageHunk[][];
}
