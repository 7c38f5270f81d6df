// More changed lines hold more mistakes: the number of changed lines is the best single predictor of defects that
// studies of revisions know (Moser, Pedrycz, Succi 2008; Nagappan and Ball 2005), with less than proportional growth.
import { reason, type Signal, type SuspectContext } from "./signal.js";

/** What nothing leads to from the trace has little but its size to speak for it: measured without traces 0.6 to 1.1. */
const strengths = { near: 0.25, far: 0.6 };

export const size: Signal = ({ change }, { usualLines, reach, fileWeights }) => {
  const lines = change.linesAdded + change.linesRemoved;
  const place = reach.has(change.name) || fileWeights.has(change.file) ? "near" : "far";
  const points = strengths[place] * Math.log2((1 + lines) / (1 + usualLines[place]));
  if (points === 0) return undefined;
  return reason(
    "size",
    points,
    `${lines} ${lines === 1 ? "line" : "lines"} changed, the usual change here has ${Math.round(usualLines[place])}`,
  );
};

/** The power mean of the changes' lines: size moves chances among changes, not to all that are near or to all that are far. */
export function usualLines(lines: readonly number[]): SuspectContext["usualLines"] {
  const mean = (strength: number): number => {
    const sum = lines.reduce((total, count) => total + (1 + count) ** strength, 0);
    return (sum / Math.max(1, lines.length)) ** (1 / strength) - 1;
  };
  return { near: mean(strengths.near), far: mean(strengths.far) };
}
