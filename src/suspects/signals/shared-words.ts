// The changed lines use names that few functions use beside those of the trace.
import { tiedWords } from "../tied-words.js";
import { reason, type Signal } from "./signal.js";

const weight = 0.15;

export const sharedWords: Signal = ({ change, added, removed }, { sights, rarity }) => {
  if (sights.size === 0) return undefined;
  const tied = tiedWords([...added, ...removed].join("\n"), { own: change.name, rarity });
  return (
    tied &&
    reason(
      "words",
      weight * tied.strength,
      `its changed lines use ${tied.word}, as the functions of the trace do`,
    )
  );
};
