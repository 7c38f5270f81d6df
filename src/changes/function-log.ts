// One function through all releases, newest first, following moves and renames.
import { compareTrees, type NamedTree } from "./compare-trees.js";
import type { UnitChange } from "./change-set.js";

/** A release's C files that matter here, given on demand: only one pair of trees is in memory at a time. */
export type ReleaseReader = (at: number) => Promise<NamedTree>;

export interface LogEntry {
  /** Index of the release that made the change. */
  at: number;
  changes: UnitChange[];
}

/** The releases that changed a function, from the last of `count` releases to the first. */
export async function functionLog(name: string, count: number, read: ReleaseReader): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  let known = name;
  let after = count > 0 ? await read(count - 1) : undefined;
  for (let at = count - 1; at > 0 && after !== undefined; at--) {
    const before: NamedTree = await read(at - 1);
    const changes = changesOf(known, before, after);
    if (changes.length > 0) entries.push({ at, changes });
    known =
      changes.find(({ name: own, oldName }) => own === known && oldName !== undefined)?.oldName ?? known;
    after = before;
  }
  if (after !== undefined) {
    const first = changesOf(known, { name: "", files: new Map() }, after);
    if (first.length > 0) entries.push({ at: 0, changes: first });
  }
  return entries;
}

/** Files without the name are left out unless the function comes or goes: then a rename may explain it. */
function changesOf(name: string, before: NamedTree, after: NamedTree): UnitChange[] {
  const near = compareTrees(holding(name, before), holding(name, after)).units.filter(isOwn(name));
  if (before.files.size === 0 || !near.some(({ status }) => status === "added")) return near;
  return compareTrees(before, after).units.filter(isOwn(name));
}

function isOwn(name: string): (unit: UnitChange) => boolean {
  return (unit) => unit.kind === "function" && (unit.name === name || unit.oldName === name);
}

function holding(name: string, tree: NamedTree): NamedTree {
  return { ...tree, files: new Map([...tree.files].filter(([, text]) => text.includes(name))) };
}
