// Names that few functions use tie lines to the functions of the trace: the same list, flag or counter. Only the rarest
// count, or a change would be tied the more the longer it is.
const mostWords = 4;

export interface TiedWords {
  /** The rarest of them. */
  word: string;
  /** 0 or more, and growing with the number of words and their rarity. */
  strength: number;
}

/** What ties lines to the trace; `own` is the function's own name, which says nothing. Undefined when nothing does. */
export function tiedWords(
  lines: string,
  { own, rarity }: { own: string; rarity: (word: string) => number },
): TiedWords | undefined {
  const words = new Set(lines.match(/[A-Za-z_]\w{2,}/g));
  words.delete(own);
  const rarest = [...words]
    .map((word) => ({ word, value: rarity(word) }))
    .filter(({ value }) => value > 0)
    .sort((a, b) => b.value - a.value)
    .slice(0, mostWords);
  const [best] = rarest;
  return (
    best && { word: best.word, strength: Math.log2(1 + rarest.reduce((sum, { value }) => sum + value, 0)) }
  );
}
