// Lines that ran before and run otherwise now can break what worked. A line that is only added often waits behind a new
// condition, and a new function has to be called first, so its caller changed too: unless the trace itself runs through
// new code, which then is what failed.
import type { UnitChange } from "../../changes/change-set.js";
import { reason, type Signal, type SuspectContext } from "./signal.js";

/** Enough to order what is else alike, not to outweigh a step from the trace. */
const slight = Math.log2(1.2);

export const editOfExisting: Signal = ({ change, removed }, context) => {
  if (change.status === "added") {
    const why = newAndRun(change, context);
    return why === undefined
      ? reason("edit", -slight, "it is new: what worked before did not run it")
      : reason("edit", slight, why);
  }
  return removed.length > 0 ? reason("edit", slight, "it changes lines that ran before") : undefined;
};

/** Whether the trace runs through new code to this new function, in words. */
function newAndRun({ name }: UnitChange, { reach, added }: SuspectContext): string | undefined {
  const path = reach.get(name)?.path ?? [];
  const [first] = path;
  if (first === name) return "it is new and in the trace: without it this could not happen";
  const brought = path.slice(0, -1).find((before) => added.has(before));
  return brought && `it is new, and so is ${brought} through which the trace leads to it`;
}
