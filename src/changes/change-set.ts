// The value of this room: what changed between two trees.
import type { SourceProblem, Span, UnitKind } from "../source/source-file.js";

export type ChangeStatus = "added" | "removed" | "changed" | "moved" | "renamed";

/** How a unit changed. `condition`: it stands under another #if; `definition`: the code of what has no body. */
export type ChangeClass =
  "signature" | "body" | "definition" | "condition" | "comment-only" | "whitespace-only";

export interface UnitChange {
  /** `other` is the text outside units: comments, #if lines, #undef, code under #if 0. */
  kind: UnitKind | "other";
  name: string;
  /** Only when it differs from `name`. */
  oldName?: string;
  /** The path in the new tree; of a removed unit, that in the old one. */
  file: string;
  /** Only when it differs from `file`. */
  oldFile?: string;
  status: ChangeStatus;
  classes: ChangeClass[];
  topics: string[];
  /** The #if path around the unit, "" for none. */
  condition: string;
  linesAdded: number;
  linesRemoved: number;
  /** Of the bodies of a renamed or moved unit, 0 to 1. */
  similarity?: number;
  oldSpan?: Span;
  newSpan?: Span;
  /** Names of functions and tables that changed too and use this one. */
  callers: string[];
  /** Names of functions that changed too and are used here. */
  callees: string[];
  /** The code on both sides; not in the JSON. */
  oldText: string;
  newText: string;
}

export interface FileChange {
  /** The path in the new tree; of a removed file, that in the old one. */
  file: string;
  oldFile?: string;
  status: "added" | "removed" | "changed" | "moved";
  linesAdded: number;
  linesRemoved: number;
}

export interface UnitCounts {
  /** Those whose text changed: units that only stand under another #if are counted apart. */
  changed: number;
  conditionOnly: number;
  added: number;
  removed: number;
  moved: number;
  renamed: number;
  /** Of the changed, moved and renamed. */
  signature: number;
  commentOnly: number;
  whitespaceOnly: number;
}

export interface ChangeSet {
  schemaVersion: 1;
  old: string;
  new: string;
  totals: {
    /** Added plus removed lines of all files, as `diff -r -N` counts them. */
    changedLines: number;
    /** The same without units whose change is only comments or blanks, and without moves. */
    changedCodeLines: number;
    files: number;
    functions: UnitCounts;
    units: UnitCounts;
  };
  files: FileChange[];
  units: UnitChange[];
  problems: SourceProblem[];
}
