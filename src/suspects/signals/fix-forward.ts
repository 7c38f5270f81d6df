// The first release that is good again changes the guilty function again, and most of the others not. How much that
// says is Bayes' rule: where the fixed release changes half of them, next to nothing; and among those that it changes,
// what looks most like a repair of the suspected change.
import { shapePoints, type Refix } from "../fix-shape.js";
import { reason, type Signal } from "./signal.js";

/** A fix can also be made elsewhere, in a caller or in the structure. */
const fixedInPlace = 0.85;
/** A repair can come with a rework that hides its shape. */
const shapeHidden = 0.2;
/** Seldom the guilty one, though a revert looks like this too: of the fixes measured 2 in 100, of all changes 3.5. */
const gonePoints = -0.7;

export const fixForward: Signal = ({ refix, isGone }, { fix }) => {
  if (fix === undefined) return undefined;
  if (isGone) return reason("fix", gonePoints, "the fixed release does not have it any more");
  if (refix === undefined)
    return reason(
      "fix",
      Math.log2((1 - fixedInPlace) / (1 - fix.share)),
      "the fixed release leaves it as it is",
    );
  const shape = shapeHidden + (1 - shapeHidden) * 2 ** (shapePoints(refix) - fix.usual);
  return reason("fix", Math.log2((fixedInPlace / fix.share) * shape), `the fixed release ${textOf(refix)}`);
};

/** More functions than a repair is made in. */
const many = 4;

const where = {
  on: ", among those that this change brought",
  beside: ", right beside this change",
  apart: "",
} satisfies Record<Refix["place"], string>;

function textOf({ isSweep, lines, place, returns, brings, rarest }: Refix): string {
  if (isSweep) return "only has words replaced in it that it replaced alike in many functions";
  const what = `changes ${lines} ${lines === 1 ? "line" : "lines"} of it`;
  if (returns) return `${what}, back to what it was`;
  const brought = brings.length === 0 ? "" : `, which brings ${brings.map(({ about }) => about).join(", ")}`;
  const common =
    rarest !== undefined && rarest.functions > many
      ? `, as it does with ${rarest.word} in ${rarest.functions} functions`
      : "";
  return `${what}${where[place]}${brought}${common}`;
}
