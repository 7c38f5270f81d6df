// Which file of the new tree is which of the old one, before their units are compared: a vendor that moves src/i40e/ to
// src/ has not moved two thousand functions.

/** A tree's text files by their path inside the release. */
export type SourceTree = ReadonlyMap<string, string>;

export interface FilePair {
  oldPath: string | undefined;
  newPath: string | undefined;
}

/** Same path first, then same content, then the same base name where it is the only one on both sides. */
export function matchFiles(before: SourceTree, after: SourceTree): FilePair[] {
  const pairs: FilePair[] = [];
  const gone = new Set<string>();
  const fresh = new Set(after.keys());
  for (const path of before.keys())
    if (fresh.delete(path)) pairs.push({ oldPath: path, newPath: path });
    else gone.add(path);
  for (const key of [
    (tree: SourceTree, path: string) => tree.get(path) ?? "",
    (_: SourceTree, path: string) => base(path),
  ]) {
    const onlyFresh = uniqueBy([...fresh], (path) => key(after, path));
    for (const [name, oldPath] of uniqueBy([...gone], (path) => key(before, path))) {
      const newPath = onlyFresh.get(name);
      if (newPath === undefined || name === "") continue;
      pairs.push({ oldPath, newPath });
      gone.delete(oldPath);
      fresh.delete(newPath);
    }
  }
  for (const oldPath of gone) pairs.push({ oldPath, newPath: undefined });
  for (const newPath of fresh) pairs.push({ oldPath: undefined, newPath });
  return pairs.sort((a, b) => order(nameOf(a), nameOf(b)));
}

function uniqueBy(paths: readonly string[], key: (path: string) => string): Map<string, string> {
  const counts = new Map<string, string[]>();
  for (const path of paths) counts.set(key(path), [...(counts.get(key(path)) ?? []), path]);
  return new Map([...counts].flatMap(([name, all]) => (all.length === 1 ? [[name, all[0]!] as const] : [])));
}

function base(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function nameOf(pair: FilePair): string {
  return pair.newPath ?? pair.oldPath ?? "";
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
