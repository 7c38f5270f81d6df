// Near the symptom: in the trace, on a path of calls from it, by state that both use, or at least in a file of it.
import { writtenState } from "../written-state.js";
import { reason, type Signal } from "./signal.js";

/** What a function that nothing leads to is given: paths end at a fifth of this. */
const nowhere = 0.01;
/** Neighbours in a file share data that no call shows. */
const sameFile = 0.06;
/** Writing what hardly any function but one of the trace uses is a way that no call shows; about one step up. */
const sameState = 0.1;

export const nearness: Signal = ({ change, added, removed }, { sights, reach, fileWeights, rarity }) => {
  if (reach.size === 0) return undefined;
  const found = reach.get(change.name);
  const inFile = sameFile * (fileWeights.get(change.file) ?? 0);
  const state = writtenState([...added, ...removed])
    .map((name) => ({ name, value: rarity(name) }))
    .reduce((a, b) => (b.value > a.value ? b : a), { name: "", value: 0 });
  const points = Math.log2((found?.score ?? nowhere) + inFile + sameState * state.value) - Math.log2(nowhere);
  if (found?.path.length === 1) return reason("frame", points, sights.get(change.name)?.how ?? "");
  if (found !== undefined) {
    const steps = found.path.length - 1;
    return reason(
      "frame",
      points,
      `${steps} ${steps === 1 ? "step" : "steps"} from the trace: ${found.path.join(" -> ")}`,
    );
  }
  if (state.value > 0)
    return reason(
      "frame",
      points,
      `it writes ${state.name}, which few functions beside those of the trace use`,
    );
  return inFile > 0 ? reason("frame", points, "in the same file as a function of the trace") : undefined;
};
