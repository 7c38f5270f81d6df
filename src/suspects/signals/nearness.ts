// Near the symptom: in the trace, on a path of calls from it, or at least in a file of it.
import { reason, type Signal } from "./signal.js";

/** What a function that nothing leads to is given: paths end at a fifth of this. */
const nowhere = 0.01;
/** Neighbours in a file share data that no call shows. */
const sameFile = 0.06;

export const nearness: Signal = ({ change }, { sights, reach, fileWeights }) => {
  if (sights.size === 0) return undefined;
  const found = reach.get(change.name);
  const inFile = sameFile * (fileWeights.get(change.file) ?? 0);
  const points = Math.log2((found?.score ?? nowhere) + inFile) - Math.log2(nowhere);
  if (found?.path.length === 1) return reason("frame", points, sights.get(change.name)?.how ?? "");
  if (found !== undefined) {
    const steps = found.path.length - 1;
    return reason(
      "frame",
      points,
      `${steps} ${steps === 1 ? "step" : "steps"} from the trace: ${found.path.join(" -> ")}`,
    );
  }
  return inFile > 0 ? reason("frame", points, "in the same file as a function of the trace") : undefined;
};
