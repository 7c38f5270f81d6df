// Trees between the old and the new one: each slot's old or new text, joined in the order of the file.
import { isChanged, type Cutting, type SplitPlan } from "./plan-split.js";
import type { SourceTree, TreeFile } from "./slot.js";

type Mixable = Pick<Cutting, "oldTree" | "newTree" | "slots">;

/** Makes the tree in which the given slots (indexes) have their new text and all others their old one. */
export type MixTree = (applied: ReadonlySet<number>) => SourceTree;

interface FileSlots {
  path: string;
  slots: number[];
  changed: number[];
}

/** Trees of one mixer share each file that is the same in them: they can be compared by reference. */
export function treeMixer(mixable: Mixable): MixTree {
  const files = new Map<string, FileSlots>();
  for (const [index, slot] of mixable.slots.entries()) {
    const file = files.get(slot.file) ?? { path: slot.file, slots: [], changed: [] };
    file.slots.push(index);
    if (isChanged(slot, mixable)) file.changed.push(index);
    files.set(slot.file, file);
  }
  const made = new Map<string, TreeFile | undefined>();
  return (applied) => {
    const tree = new Map<string, TreeFile>();
    for (const file of files.values()) {
      const chosen = file.changed.map((index) => (applied.has(index) ? "1" : "0")).join("");
      const key = `${chosen} ${file.path}`;
      if (!made.has(key)) made.set(key, mixFile(mixable, file, applied));
      const mixed = made.get(key);
      if (mixed) tree.set(file.path, mixed);
    }
    return tree;
  };
}

/** One file with some of its slots applied; undefined when it is not there (yet, or any more). */
function mixFile(mixable: Mixable, file: FileSlots, applied: ReadonlySet<number>): TreeFile | undefined {
  const [before, after] = [mixable.oldTree.get(file.path), mixable.newTree.get(file.path)];
  if (!file.changed.some((index) => applied.has(index))) return before;
  if (file.changed.every((index) => applied.has(index))) return after;
  const { mode } = (after ?? before)!;
  const side = (index: number): string =>
    (applied.has(index) ? mixable.slots[index]!.new : mixable.slots[index]!.old)?.text ?? "";
  const changed = new Set(file.changed);
  // What did not change is the same on both sides.
  const parts = file.slots.map((index) =>
    changed.has(index) ? side(index) : (mixable.slots[index]!.old?.text ?? ""),
  );
  return { mode, content: Buffer.from(parts.join(""), "latin1") };
}

/** The tree after each commit, in order; the last one is the new tree. */
export function* treesOf(plan: SplitPlan): Generator<SourceTree> {
  const mix = treeMixer(plan);
  const applied = new Set<number>();
  for (const commit of plan.commits) {
    for (const index of commit.slots) applied.add(index);
    yield mix(applied);
  }
}
