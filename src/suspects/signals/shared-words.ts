// Names that few functions use tie the change to the functions of the trace: the same list, flag or counter. Only the
// rarest count, or a change would be tied the more the longer it is.
import { reason, type Signal } from "./signal.js";

const strength = 0.15;
const mostWords = 4;

export const sharedWords: Signal = ({ change, added, removed }, { sights, rarity }) => {
  if (sights.size === 0) return undefined;
  const words = new Set([...added, ...removed].flatMap((line) => line.match(/[A-Za-z_]\w{2,}/g) ?? []));
  words.delete(change.name);
  const rarest = [...words]
    .map((word) => ({ word, value: rarity(word) }))
    .filter(({ value }) => value > 0)
    .sort((a, b) => b.value - a.value)
    .slice(0, mostWords);
  const [best] = rarest;
  if (best === undefined) return undefined;
  return reason(
    "words",
    strength * Math.log2(1 + rarest.reduce((sum, { value }) => sum + value, 0)),
    `its changed lines use ${best.word}, as the functions of the trace do`,
  );
};
