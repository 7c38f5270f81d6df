// How much a word ties a change to what the traces show.
import type { CallGraph } from "./call-graph.js";
import type { Sight, Trace } from "./sights.js";

/** For a word: 0 when the functions of the traces do not use it or when all do, more the fewer others use it. */
export function rarityOf(
  sights: ReadonlyMap<string, Sight>,
  traces: readonly Trace[],
  graph: CallGraph,
): (word: string) => number {
  const uses = new Map<string, number>();
  for (const words of graph.words.values())
    for (const word of words) uses.set(word, (uses.get(word) ?? 0) + 1);
  const seen = new Map<string, number>();
  for (const [name, { weight }] of sights)
    for (const word of graph.words.get(name) ?? []) seen.set(word, Math.max(weight, seen.get(word) ?? 0));
  for (const word of traces.flatMap(({ text }) => messageWords(text))) seen.set(word, 1);
  const all = graph.words.size;
  return (word) => {
    const weight = seen.get(word);
    const count = uses.get(word) ?? all;
    return weight === undefined || count > 0.02 * all + 4 ? 0 : (weight * Math.log2(all / count)) / 8;
  };
}

/** Words of a failed condition or message: `zv->zv_objset->os_dsl_dataset->ds_owner == zv`. */
function messageWords(text: string): string[] {
  return text
    .split("\n")
    .filter(
      (line) =>
        !line.includes("+0x") && !/^\W*(?:Modules linked|CPU:|Hardware|Code:|R[A-Z0-9]{2}:)/.test(line),
    )
    .flatMap((line) => line.match(/[a-z]\w*_\w+/g) ?? []);
}
