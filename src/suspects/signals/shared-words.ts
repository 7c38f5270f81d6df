// Names that few functions use tie the change to the functions of the trace: the same list, flag or counter.
import { reason, type Signal } from "./signal.js";

const strength = 0.15;

export const sharedWords: Signal = ({ change, added, removed }, { sights, rarity }) => {
  if (sights.size === 0) return undefined;
  const words = new Set([...added, ...removed].flatMap((line) => line.match(/[A-Za-z_]\w{2,}/g) ?? []));
  words.delete(change.name);
  let best: [number, string] = [0, ""];
  let sum = 0;
  for (const word of words) {
    const value = rarity(word);
    sum += value;
    if (value > best[0]) best = [value, word];
  }
  if (sum === 0) return undefined;
  return reason(
    "words",
    Math.min(1.5, strength * Math.log2(1 + sum)),
    `its changed lines use ${best[1]}, as the functions of the trace do`,
  );
};
