// How much a build of one group costs, as far as one can say without building: only the shares matter, and they must be
// the same on every machine, since they decide which lane builds what. A lane that waits for the other is a core that idles.
import type { Cutting } from "../plan-split.js";
import type { Slot, SourceTree } from "../slot.js";

export interface Costs {
  of(group: readonly number[]): number;
}

/** Seconds of CPU time, measured on i40e 2.12.6 against kernel 5.10: make, modpost and link; what each source costs. */
const costOf = { build: 1, preprocess: 0.17, parse: 0.43, byte: 6e-6 };

/** A build always costs something; a changed header costs a preprocessing, and if it declares a compilation, of all that
 * include it. */
export function estimateCosts({ newTree, oldTree, slots }: Cutting): Costs {
  const tree = new Map([...oldTree, ...newTree]);
  const sources = [...tree].filter(([path]) => path.endsWith(".c"));
  const reached = new Map(sources.map(([path]) => [path, reachedHeaders(tree, path)]));
  const memo = new Map<string, number>();
  const costOfFile = (file: string, isQuiet: boolean): number => {
    const key = `${file} ${isQuiet}`;
    const known = memo.get(key);
    if (known !== undefined) return known;
    const name = file.split("/").at(-1)!;
    const touched = sources.filter(([path]) => path === file || reached.get(path)!.has(name));
    const cost = touched.reduce(
      (sum, [, { content }]) =>
        sum + costOf.preprocess + (isQuiet ? 0 : costOf.parse + content.length * costOf.byte),
      0,
    );
    memo.set(key, cost);
    return cost;
  };
  return {
    of: (group) => {
      const members = group.map((index) => slots[index]!);
      const files = [...new Set(members.map(({ file }) => file))];
      const isQuiet = (file: string): boolean =>
        members.every((slot) => slot.file !== file || isUnseen(slot));
      return files.reduce((sum, file) => sum + costOfFile(file, isQuiet(file)), costOf.build);
    },
  };
}

/** Whether most sources are the same after preprocessing: macros that few use, and what another kernel lacks. */
function isUnseen({ file, old: before, new: after }: Slot): boolean {
  const { kind } = (after ?? before)!;
  if (!file.endsWith(".h")) return false;
  return kind === "macro" || kind === "conditional" || (/kcompat/.test(file) && kind !== "include");
}

/** Names of the headers that a file includes, also through others. */
function reachedHeaders(tree: SourceTree, path: string): Set<string> {
  const byName = new Map([...tree.keys()].map((each) => [each.split("/").at(-1)!, each]));
  const reached = new Set<string>();
  const open = [path];
  for (let at = 0; at < open.length; at++) {
    const text = tree.get(open[at]!)?.content.toString("latin1") ?? "";
    for (const [, name] of text.matchAll(/^[ \t]*#[ \t]*include[ \t]+"(?:[^"\n]*\/)?([^"\n/]+)"/gm))
      if (byName.has(name!) && !reached.has(name!)) {
        reached.add(name!);
        open.push(byName.get(name!)!);
      }
  }
  return reached;
}
