// The table of releases and kernels as sections: the cells, then each error that cells share with what would mend it.
import { stringify } from "yaml";
import type { Fixup } from "../catalog/catalog-shape.js";
import {
  countCells,
  errorOf,
  type Failure,
  type Matrix,
  type MatrixCell,
  type Suggestion,
} from "../matrix/matrix.js";
import { inTree } from "../matrix/choose-releases.js";
import { trialSections } from "./matrix-trial-sections.js";
import type { Block, Section } from "./block.js";

const shownErrors = 400;

export function matrixTitle({ driver, releases, kernels }: Matrix): string {
  const own = releases.filter((release) => release !== inTree);
  const more = own.length < releases.length ? ` and ${inTree}` : "";
  return `${driver}: ${counted(own.length, "release")}${more} on ${counted(kernels.length, "kernel")}`;
}

export function matrixSections(matrix: Matrix): Section[] {
  const table: Block = { kind: "table", head: ["release", ...matrix.kernels], rows: rowsOf(matrix) };
  const builds: Section = { title: "Builds", blocks: [table, { kind: "prose", text: summary(matrix) }] };
  const failing: Section = { title: "What does not build", blocks: matrix.failures.flatMap(failureBlocks) };
  return [...trialSections(matrix), builds, ...(matrix.failures.length === 0 ? [] : [failing])];
}

function rowsOf({ releases, kernels, cells, failures }: Matrix): string[][] {
  const byName = new Map(cells.map((cell) => [`${cell.release} ${cell.kernel}`, cell]));
  return releases.map((release) => [
    release,
    ...kernels.map((kernel) => cellText(byName.get(`${release} ${kernel}`), failures)),
  ]);
}

function cellText(cell: MatrixCell | undefined, failures: readonly Failure[]): string {
  switch (cell?.build.kind) {
    case undefined:
    case "not-built":
      return "not built";
    case "shipped":
      return "shipped";
    case "not-shipped":
      return "not shipped";
    case "failed": {
      const error = errorOf(cell.build);
      return `fails [${failures.find((failure) => failure.error === error)?.number ?? "?"}]`;
    }
    case "built":
      return `builds${fixupsText(cell.build.fixups.length, cell.withoutFixups)}`;
  }
}

function fixupsText(count: number, without: MatrixCell["withoutFixups"]): string {
  if (count === 0) return "";
  const fixups = counted(count, "fixup");
  return { failed: ` by ${fixups}`, built: ` without its ${fixups} too`, undefined: ` with ${fixups}` }[
    without ?? "undefined"
  ];
}

function summary({ cells }: Matrix): string {
  const { cells: all, built, failed, notBuilt, fixed, proved, wonByFixups } = countCells(cells);
  const won =
    fixed === 0
      ? ""
      : proved === 0
        ? `, ${fixed} of them with fixups at work`
        : `, ${wonByFixups} of them by the catalog's fixups alone${proved < fixed ? ` (${fixed - proved} more not compared)` : ""}`;
  const open = notBuilt === 0 ? "" : `, ${notBuilt} not built`;
  return `${counted(all, "cell")}: ${built} build${won}, ${failed} do not${open}.`;
}

function failureBlocks({ number, error, cells, suggestions }: Failure): Block[] {
  const kernels = [...new Set(cells.map(({ kernel }) => kernel))];
  const releases = [...new Set(cells.map(({ release }) => release))];
  const shown = error.length > shownErrors ? `${error.slice(0, shownErrors)}...` : error;
  const span =
    releases.length === 1
      ? releases[0]
      : `${releases.length} releases from ${releases[0]} to ${releases.at(-1)}`;
  const head: Block = {
    kind: "prose",
    text: `[${number}] ${shown} (${counted(cells.length, "cell")}: ${span} on ${kernels.join(", ")})`,
  };
  if (suggestions.length === 0) return [head];
  const fixups = suggestions.flatMap(({ fixup }) => (fixup === undefined ? [] : [fixup]));
  const yaml: Block = {
    kind: "verbatim",
    language: "text",
    title: `fixups for [${number}]`,
    lines: fixupLines(fixups),
  };
  return [
    head,
    { kind: "list", items: suggestions.map(suggestionText) },
    ...(fixups.length === 0 ? [] : [yaml]),
  ];
}

function suggestionText({ by, text, tried }: Suggestion): string {
  const from = by === "catalog" ? "catalog" : "headers";
  if (tried === undefined) return `${from}: ${text}`;
  const at = `${tried.release} on ${tried.kernel}`;
  return tried.outcome === "builds"
    ? `${from}: ${text}; with this edit ${at} builds`
    : `${from}: ${text}; with this edit ${at} comes to: ${tried.error ?? "another error"}`;
}

/** As the catalog's own entries are written. */
function fixupLines(fixups: readonly Fixup[]): string[] {
  return stringify(fixups, { lineWidth: 0, indentSeq: true }).trimEnd().split("\n");
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
