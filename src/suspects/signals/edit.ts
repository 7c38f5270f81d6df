// Lines that ran before and run otherwise now can break what worked. A line that is only added often waits behind a new
// condition, and a new function has to be called first, so its caller changed too.
import { reason, type Signal } from "./signal.js";

/** Enough to order what is else alike, not to outweigh a step from the trace. */
const slight = Math.log2(1.2);

export const editOfExisting: Signal = ({ change, removed }) => {
  if (change.status === "added")
    return reason("edit", -slight, "it is new: what worked before did not run it");
  return removed.length > 0 ? reason("edit", slight, "it changes lines that ran before") : undefined;
};
