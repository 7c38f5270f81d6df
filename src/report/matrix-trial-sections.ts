// The trials of a table: a column for each kernel and its settings, and under it what every verdict rests on.
import type { Matrix } from "../matrix/matrix.js";
import type { TrialCell, TrialState } from "../matrix/run-trials.js";
import type { Block, Section } from "./block.js";

/** No section when no trial was asked for. */
export function trialSections(matrix: Matrix): Section[] {
  if (matrix.settings.length === 0) return [];
  const columns = matrix.kernels.flatMap((kernel) =>
    matrix.settings.map((settings) => ({ kernel, settings })),
  );
  const cells = new Map(matrix.trials.map((cell) => [nameOf(cell), cell]));
  const table: Block = {
    kind: "table",
    head: ["release", ...columns.map(({ kernel, settings }) => `${kernel} ${settings}`.trim())],
    rows: matrix.releases.map((release) => [
      release,
      ...columns.map((column) => cellText(cells.get(nameOf({ release, ...column }))?.state)),
    ]),
  };
  const told = matrix.trials.flatMap(cellNotes);
  return [
    {
      title: "Trials",
      blocks: [
        table,
        { kind: "prose", text: summary(matrix.trials) },
        ...(told.length === 0 ? [] : [{ kind: "list" as const, items: told }]),
      ],
    },
  ];
}

function nameOf({ release, kernel, settings }: Pick<TrialCell, "release" | "kernel" | "settings">): string {
  return [release, kernel, settings].join(" ").trim();
}

function cellText(state: TrialState | undefined): string {
  if (state?.kind !== "tested") return "not tested";
  const { verdict, refused } = state;
  const cause = verdict.kind === "good" ? "" : ` (${verdict.cause})`;
  return `${verdict.kind}${cause}${refused.length > 0 ? ", settings refused" : ""}`;
}

function cellNotes(cell: TrialCell): string[] {
  const { state } = cell;
  if (state.kind === "not-tested")
    return state.why === undefined ? [] : [`${nameOf(cell)}: not tested, ${state.why}`];
  const { verdict, refused, evidence } = state;
  const words = [
    ...(verdict.kind === "good" ? [] : [verdict.detail]),
    ...(refused.length > 0 ? [`could not be set: ${refused.join("; ")}`] : []),
  ];
  return words.length === 0 ? [] : [`${nameOf(cell)}: ${verdict.kind}, ${words.join("; ")} (${evidence})`];
}

function summary(trials: readonly TrialCell[]): string {
  const count = (kind: string): number =>
    trials.filter(({ state }) => (state.kind === "tested" ? state.verdict.kind : state.kind) === kind).length;
  return `${trials.length} cells: ${count("good")} good, ${count("bad")} bad, ${count("skip")} can't be tested, ${count("not-tested")} not tested.`;
}
