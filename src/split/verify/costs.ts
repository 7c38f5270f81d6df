// How much a build of one group costs, as far as one can say without building: only the shares matter, and they must be
// the same on every machine, since they decide which lane builds what.
import type { Cutting } from "../plan-split.js";
import type { SourceTree } from "../slot.js";

export interface Costs {
  of(group: readonly number[]): number;
}

/** A build always costs something, and each source file that a changed header reaches costs as much as it is long. */
export function estimateCosts({ newTree, oldTree, slots }: Cutting): Costs {
  const tree = new Map([...oldTree, ...newTree]);
  const sources = [...tree].filter(([path]) => path.endsWith(".c"));
  const reached = new Map(sources.map(([path]) => [path, reachedHeaders(tree, path)]));
  const memo = new Map<string, number>();
  const costOfFile = (file: string): number => {
    const known = memo.get(file);
    if (known !== undefined) return known;
    const name = file.split("/").at(-1)!;
    const touched = sources.filter(([path]) => path === file || reached.get(path)!.has(name));
    const cost = touched.reduce((sum, [, { content }]) => sum + 20_000 + content.length / 4, 0);
    memo.set(file, cost);
    return cost;
  };
  return {
    of: (group) =>
      [...new Set(group.map((index) => slots[index]!.file))].reduce(
        (sum, file) => sum + costOfFile(file),
        100_000,
      ),
  };
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
