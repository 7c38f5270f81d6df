// More changed lines hold more mistakes: the number of changed lines is the best single predictor of defects that
// studies of revisions know (Moser, Pedrycz, Succi 2008; Nagappan and Ball 2005), with less than proportional growth.
import { reason, type Signal } from "./signal.js";

const strength = 0.25;

export const size: Signal = ({ change }, { medianLines }) => {
  const lines = change.linesAdded + change.linesRemoved;
  const points = strength * Math.log2((1 + lines) / (1 + medianLines));
  if (points === 0) return undefined;
  return reason(
    "size",
    points,
    `${lines} ${lines === 1 ? "line" : "lines"} changed, the usual change here has ${medianLines}`,
  );
};
