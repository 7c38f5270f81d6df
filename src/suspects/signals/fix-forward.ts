// The first release that is good again changes the guilty function again, and most of the others not. How much that
// says is Bayes' rule: where the fixed release changes half of them, next to nothing.
import { reason, type Signal } from "./signal.js";

/** A fix can also be made elsewhere, in a caller or in the structure. */
const fixedInPlace = 0.85;

export const fixForward: Signal = ({ refix, refixIsSweep }, { fix }) => {
  if (fix === undefined) return undefined;
  if (refix === undefined || refixIsSweep)
    return reason(
      "fix",
      Math.log2((1 - fixedInPlace) / (1 - fix.share)),
      refix === undefined
        ? "the fixed release leaves it as it is"
        : "the fixed release only has words replaced in it that it replaced alike in many functions",
    );
  const shape = (1 - fix.share) * Math.log2(refix.factor / fix.usual);
  const points = Math.log2(fixedInPlace / fix.share) + shape;
  const where =
    refix.distance === undefined
      ? ""
      : refix.distance === 0
        ? ", on the same lines"
        : `, ${refix.distance} lines from this change`;
  const how = refix.returns ? ", back to what it was" : "";
  return reason("fix", points, `the fixed release changes ${refix.lines} lines of it${where}${how}`);
};
