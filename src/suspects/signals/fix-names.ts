// The fix uses names that few functions use beside those of the trace: it is about what failed.
import { tiedWords } from "../tied-words.js";
import { reason, type Signal } from "./signal.js";

const weight = 0.25;

export const fixNames: Signal = ({ change, refix }, { sights, rarity }) => {
  if (refix === undefined || sights.size === 0) return undefined;
  const tied = tiedWords(refix.text, { own: change.name, rarity });
  return (
    tied &&
    reason(
      "fix names",
      weight * tied.strength,
      `the fix's lines use ${tied.word}, as the functions of the trace do`,
    )
  );
};
