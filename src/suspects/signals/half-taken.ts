// Part of a sibling's code was taken over, and a line beside it was not: how a backport goes wrong.
import { reason, type Signal } from "./signal.js";

/** Rarely true of a change that is right, since the sibling's whole edit works. */
const points = 2;

export const takenInPart: Signal = ({ halfTaken }) =>
  halfTaken === undefined
    ? undefined
    : reason(
        "half taken",
        points,
        `it took over lines of ${halfTaken.sibling}, but reads "${halfTaken.here}" where that has "${halfTaken.there}"`,
      );
