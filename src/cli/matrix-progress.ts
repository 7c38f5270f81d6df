import type { BuildRecord } from "../matrix/build-record.js";
import type { Failure } from "../matrix/matrix.js";
import type { BuildProgress, CellName } from "../matrix/run-builds.js";
import { stderrLines } from "./live-lines.js";

export interface MatrixProgress {
  onStart: (cell: CellName) => void;
  onBuilt: (progress: BuildProgress) => void;
  onSuggested: (failure: Failure) => void;
}

/** A line for each cell that has ended, and on a terminal one for each under way. */
export function matrixProgress(note: (text: string) => void): MatrixProgress {
  const lines = stderrLines(note);
  const started = performance.now();
  return {
    onStart: ({ release, kernel }) =>
      lines.show(`${release} ${kernel}`, `building ${release} on ${kernel} ...`),
    onBuilt: ({ release, kernel, record, plain, done, total }) => {
      const left = ((performance.now() - started) / done) * (total - done);
      const how = plain ? " without fixups" : "";
      const rest = done === total ? "" : `, ${Math.ceil(left / 60_000)} min left`;
      lines.settle(
        `${release} ${kernel}`,
        `${release} on ${kernel}${how} ${recordText(record)} (${done} of ${total}${rest})`,
      );
    },
    onSuggested: ({ number, suggestions }) =>
      lines.settle(
        `suggest ${number}`,
        `error ${number}: ${suggestions.length === 0 ? "nothing" : "something"} to suggest`,
      ),
  };
}

function recordText(record: BuildRecord): string {
  return record.kind === "built" ? "builds" : `fails: ${record.firstError.slice(0, 160)}`;
}
