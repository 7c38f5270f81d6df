// Runs the trials of a table whose builds are known.
import { join } from "node:path";
import { messageOf } from "../fault/fault.js";
import type { Matrix } from "../matrix/matrix.js";
import { runTrials, type CellPlace, type TrialCell, type TrialsPlan } from "../matrix/run-trials.js";
import type { SettingsChoice } from "../matrix/settings-choices.js";
import { trialRecords } from "../matrix/trial-record.js";
import { planMatrixTrials, type MatrixTrialsInput } from "./plan-matrix-trials.js";

interface TrialsInput extends MatrixTrialsInput {
  choices: readonly SettingsChoice[];
  /** Rows to be tried. */
  tried: ReadonlySet<string>;
  onlyKnown: boolean;
}

export function tryCells(
  matrix: Matrix,
  input: TrialsInput,
): Promise<{ cells: TrialCell[]; faults: number }> {
  const { note } = input.call;
  return runTrials({
    ...planMatrixTrials(input),
    kernels: matrix.kernels,
    releases: matrix.releases,
    choices: input.choices,
    records: trialRecords(join(input.ownFolder, "matrix/cells")),
    wants: (place) => wants(matrix, input, place),
    onTested: ({ release, kernel, settings, state }) =>
      note(
        `${[release, kernel, settings].join(" ").trim()}: ${state.kind === "tested" ? state.verdict.kind : "not tested"}\n`,
      ),
    onFault: ({ release, kernel }, fault) =>
      note(
        `${release === undefined ? "" : `${release} on `}${kernel} is left untested: ${messageOf(fault)}${fault.hint ? `\nhint: ${fault.hint}` : ""}\n`,
      ),
  });
}

function wants(
  { cells }: Matrix,
  { tried, onlyKnown }: TrialsInput,
  { release, kernel }: CellPlace,
): ReturnType<TrialsPlan["wants"]> {
  const build = cells.find((cell) => cell.release === release && cell.kernel === kernel)?.build;
  switch (build?.kind) {
    case "failed":
      return { kind: "no", why: "it does not build" };
    case "not-shipped":
      return { kind: "no", why: "the kernel has no such module" };
    case "not-built":
    case undefined:
      return { kind: "no", why: undefined };
    case "built":
    case "shipped":
      return tried.has(release) && !onlyKnown ? { kind: "yes" } : { kind: "no", why: undefined };
  }
}
