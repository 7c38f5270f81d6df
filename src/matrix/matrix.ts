// The table as a value: what each cell told, and the failures that cells share (pure).
import { describeBuildError } from "../build/build-errors.js";
import type { Fixup } from "../catalog/catalog-shape.js";
import type { BuildRecord } from "./build-record.js";
import type { TrialCell } from "./run-trials.js";

/** What is known of one build. */
export type CellBuildState =
  | BuildRecord
  /** Nobody asked for it, or the run was cut short before. */
  | { kind: "not-built" }
  /** The kernel's own module, as its package ships it. */
  | { kind: "shipped"; path: string }
  | { kind: "not-shipped" };

export interface MatrixCell {
  /** A version, or in-tree. */
  release: string;
  /** uname -r. */
  kernel: string;
  build: CellBuildState;
  /** What the release does without the catalog's fixups; undefined when that was not built. */
  withoutFixups: "built" | "failed" | undefined;
}

export interface Suggestion {
  by: "catalog" | "headers";
  /** In one sentence. */
  text: string;
  /** As a catalog would hold it. */
  fixup: Fixup | undefined;
  /** What one release of the failure did with it; undefined when that was not built. */
  tried:
    | { release: string; kernel: string; outcome: "builds" | "another-error" | "same-error"; error?: string }
    | undefined;
}

/** One error that some cells have in common. */
export interface Failure {
  /** Counted from 1, as the cells refer to it. */
  number: number;
  /** Without its line. */
  error: string;
  cells: { release: string; kernel: string }[];
  suggestions: Suggestion[];
}

export interface Matrix {
  driver: string;
  /** In the order of the columns. */
  kernels: string[];
  /** In the order of the rows. */
  releases: string[];
  cells: MatrixCell[];
  failures: Failure[];
  /** What was compared in trials, such as "ntuple=on"; [""] for the settings as they are, none for builds only. */
  settings: string[];
  trials: TrialCell[];
}

export interface MatrixCounts {
  cells: number;
  built: number;
  failed: number;
  notBuilt: number;
  /** Of those that build: known to fail without the catalog's fixups. */
  wonByFixups: number;
  /** Of those that build with fixups at work: how many were built without them too, to tell. */
  proved: number;
  fixed: number;
}

export function countCells(cells: readonly MatrixCell[]): MatrixCounts {
  const count = (holds: (cell: MatrixCell) => boolean): number => cells.filter(holds).length;
  const builds = ({ build }: MatrixCell): boolean => build.kind === "built" || build.kind === "shipped";
  const isFixed = ({ build }: MatrixCell): boolean => build.kind === "built" && build.fixups.length > 0;
  return {
    cells: cells.length,
    built: count(builds),
    failed: count(({ build }) => build.kind === "failed" || build.kind === "not-shipped"),
    notBuilt: count(({ build }) => build.kind === "not-built"),
    fixed: count(isFixed),
    proved: count((cell) => isFixed(cell) && cell.withoutFixups !== undefined),
    wonByFixups: count((cell) => isFixed(cell) && cell.withoutFixups === "failed"),
  };
}

/** Cells that fail alike, the error that most have first; suggestions are still to be found. */
export function groupFailures(cells: readonly MatrixCell[]): Failure[] {
  const groups = new Map<string, Failure["cells"]>();
  for (const { build, release, kernel } of cells)
    if (build.kind === "failed") {
      const error = errorOf(build);
      groups.set(error, [...(groups.get(error) ?? []), { release, kernel }]);
    }
  return [...groups]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([error, its], at) => ({ number: at + 1, error, cells: its, suggestions: [] }));
}

/** The first error without its line and the compiler's guess, in which releases and kernels differ that say the same. */
export function errorOf({ errors, firstError }: Extract<BuildRecord, { kind: "failed" }>): string {
  const first = errors[0];
  const text = first === undefined ? firstError : describeBuildError({ ...first, line: undefined });
  return text.replace(/; did you mean \W\w+\W\?/, "");
}
