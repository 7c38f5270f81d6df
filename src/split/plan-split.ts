// One lump of changes as an ordered series of commits, each meant to build. The idea: a change of one named thing is
// an atom; what must not come apart is tied into one atom; the rest is only ordered (a definition before its first
// user, a removal after its last), and what would have to come both before and after another becomes one commit.
import { createHash } from "node:crypto";
import { classifyFile } from "./file-class.js";
import { needsOf } from "./needs.js";
import { mergeUnreached } from "./merge-unreached.js";
import { orderGroups } from "./order.js";
import { alignTexts, wholeUnit, type Slot, type SourceTree, type TreeFile } from "./slot.js";
import { tiesOf } from "./ties.js";
import { codeOf } from "./c-code.js";

export interface PlannedCommit {
  /** Names its content whatever its place: the same in every plan that cuts the same things out. */
  id: string;
  /** Indexes into the plan's slots. */
  slots: readonly number[];
  /** Commits (indexes) whose changes this one needs. */
  needs: readonly number[];
  hasCode: boolean;
}

export interface SplitPlan {
  oldTree: SourceTree;
  newTree: SourceTree;
  slots: readonly Slot[];
  commits: readonly PlannedCommit[];
}

export interface SplitLimits {
  /** What is cut finely; all other changes are one commit. Default: everything. */
  isFine?: (slot: Slot) => boolean;
  /** What builds taught, by slots' keys: the first must be in the tree before the second. */
  before?: readonly (readonly [string, string])[];
}

/** Old and new tree to commits; pure, and the same for the same trees. */
export function planSplit(oldTree: SourceTree, newTree: SourceTree, limits: SplitLimits = {}): SplitPlan {
  const slots = slotsOf(oldTree, newTree);
  const changed = slots.flatMap((slot, index) => (isChanged(slot, { oldTree, newTree }) ? [index] : []));
  const silent = changed.filter((index) => !hasCode(slots[index]!));
  const loud = changed.filter((index) => hasCode(slots[index]!));
  const ties = tiesOf(slots, loud);
  const { isFine } = limits;
  if (isFine) ties.push(loud.filter((index) => !isFine(slots[index]!)));
  const needs = needsOf({ slots, members: loud, oldTree, newTree });
  const byKey = new Map(loud.map((index) => [slotKey(slots[index]!), index]));
  for (const [first, then] of limits.before ?? []) {
    const index = byKey.get(first);
    if (index !== undefined) needs.get(byKey.get(then) ?? -1)?.add(index);
  }
  const groups = mergeUnreached(orderGroups({ slots, members: loud, ties, needs }), slots, mostMerged(slots, loud));
  const commits = groups.map(({ members, needs }) => ({
    id: idOf(members.map((index) => slotKey(slots[index]!))),
    slots: members,
    needs: needs.map((need) => need + (silent.length > 0 ? 1 : 0)),
    hasCode: true,
  }));
  const first = { id: "no-code", slots: silent, needs: [], hasCode: false };
  return { oldTree, newTree, slots, commits: silent.length > 0 ? [first, ...commits] : commits };
}

/**
 * The tree after each commit, in order; the last one is the new tree. Trees share what did not change between them,
 * so that one can be told from the next by comparing files by reference.
 */
export function* treesOf(plan: SplitPlan): Generator<SourceTree> {
  const slotsOfFile = new Map<string, number[]>();
  for (const [index, { file }] of plan.slots.entries())
    slotsOfFile.set(file, [...(slotsOfFile.get(file) ?? []), index]);
  const applied = new Set<number>();
  let tree = plan.oldTree;
  for (const commit of plan.commits) {
    for (const index of commit.slots) applied.add(index);
    const next = new Map(tree);
    for (const path of new Set(commit.slots.map((index) => plan.slots[index]!.file))) {
      const file = fileOf(plan, { path, slots: slotsOfFile.get(path)!, applied });
      if (file) next.set(path, file);
      else next.delete(path);
    }
    tree = next;
    yield tree;
  }
}

/** A tenth of all that changed, at most 300 lines. */
function mostMerged(slots: readonly Slot[], members: readonly number[]): number {
  const lines = members.flatMap((index) => [slots[index]!.old?.text, slots[index]!.new?.text]).join("").split("\n");
  return Math.min(300, Math.floor(lines.length / 10));
}

interface PartOfFile {
  path: string;
  slots: readonly number[];
  applied: ReadonlySet<number>;
}

/** One file with some of its slots applied; undefined when it is not there (yet, or any more). */
function fileOf(plan: SplitPlan, { path, slots, applied }: PartOfFile): TreeFile | undefined {
  const [before, after] = [plan.oldTree.get(path), plan.newTree.get(path)];
  const anyNew = slots.some((index) => applied.has(index));
  const allNew = slots.every((index) => applied.has(index) || !isChanged(plan.slots[index]!, plan));
  if (!after && allNew) return undefined;
  if (!before && !anyNew) return undefined;
  const { mode } = (anyNew ? (after ?? before) : (before ?? after))!;
  const parts = slots.map(
    (index) => (applied.has(index) ? plan.slots[index]!.new : plan.slots[index]!.old)?.text ?? "",
  );
  return { mode, content: Buffer.from(parts.join(""), "latin1") };
}

/** Names a slot by what it changes, not by where it stands. */
export function slotKey(slot: Slot): string {
  const side = (text: string | undefined): string => (text === undefined ? "-" : idOf([text]));
  const place = `${slot.memberOf ?? slot.within ?? ""}#${slot.part ?? ""}`;
  return `${slot.file}:${place}:${(slot.new ?? slot.old)?.name}:${side(slot.old?.text)}:${side(slot.new?.text)}`;
}

function slotsOf(oldTree: SourceTree, newTree: SourceTree): Slot[] {
  const isWholeStruct = sizeChecked(oldTree, newTree);
  const paths = [...new Set([...oldTree.keys(), ...newTree.keys()])].sort();
  return paths.flatMap((file) => {
    const [before, after] = [oldTree.get(file), newTree.get(file)];
    const [oldText, newText] = [before?.content.toString("latin1"), after?.content.toString("latin1")];
    const isCuttable = classifyFile(file) === "c" && (!before || !after || before.mode === after.mode);
    const mode = (before ?? after)!.mode;
    if (isCuttable && mode !== "120000" && (oldText ?? "") !== (newText ?? ""))
      return alignTexts(file, oldText ?? "", newText ?? "", isWholeStruct);
    const side = (text: string | undefined) => (text === undefined ? undefined : wholeUnit(text));
    return [{ file, old: side(oldText), new: side(newText), memberOf: undefined }];
  });
}

type Trees = Pick<SplitPlan, "oldTree" | "newTree">;

function isChanged(slot: Slot, { oldTree, newTree }: Trees): boolean {
  if (slot.old?.text !== slot.new?.text) return true;
  return slot.old?.name === "whole file" && oldTree.get(slot.file)?.mode !== newTree.get(slot.file)?.mode;
}

/** Whether the compiler or the build can see the change. */
function hasCode(slot: Slot): boolean {
  const kind = classifyFile(slot.file);
  if (kind !== "c") return kind !== "document";
  if (slot.old?.name === "whole file" || slot.new?.name === "whole file") return true;
  return codeOf(slot.old?.text ?? "") !== codeOf(slot.new?.text ?? "");
}

/** Names in macro calls at top level, such as CHECK_STRUCT_LEN(0x10, name). */
function sizeChecked(...trees: SourceTree[]): (name: string) => boolean {
  const checked = new Set<string>();
  for (const tree of trees)
    for (const [path, { content }] of tree)
      if (classifyFile(path) === "c")
        for (const found of content.toString("latin1").matchAll(/^[A-Z]\w*\(([^()\n]*)\)\s*;?\s*$/gm))
          for (const [word] of found[1]!.matchAll(/\w+/g)) checked.add(word);
  return (name) => checked.has(name);
}

function idOf(parts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const part of [...parts].sort()) hash.update(`${part.length}:`).update(part, "latin1");
  return hash.digest("hex").slice(0, 16);
}
