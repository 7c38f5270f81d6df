// One lump of changes as an ordered series of commits, each meant to build. The idea: a change of one named thing is
// an atom; what must not come apart is tied into one atom; the rest is only ordered (a definition before its first
// user, a removal after its last), and what would have to come both before and after another becomes one commit.
import { createHash } from "node:crypto";
import { classifyFile } from "./file-class.js";
import { needsOf, type Needs } from "./needs.js";
import { mergeUnreached, unreachedOf, type Unreached } from "./merge-unreached.js";
import { orderGroups, type OrderedGroup } from "./order.js";
import { alignTexts, wholeUnit, type Slot, type SourceTree } from "./slot.js";
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
  /** What a bisect will most likely end at: never lumped, and near the middle, where a bisect looks first. */
  isSuspect?: (slot: Slot) => boolean;
}

/** Two trees as slots, and what is known of the changed ones before any order. */
export interface Cutting {
  oldTree: SourceTree;
  newTree: SourceTree;
  slots: readonly Slot[];
  /** Changed slots that no compiler can see (indexes). */
  silent: readonly number[];
  /** All other changed slots (indexes). */
  loud: readonly number[];
  ties: readonly (readonly number[])[];
  needs: Needs;
  unreached: Unreached;
  isSuspect?: SplitLimits["isSuspect"];
}

/** Old and new tree to commits; pure, and the same for the same trees. */
export function planSplit(oldTree: SourceTree, newTree: SourceTree, limits: SplitLimits = {}): SplitPlan {
  const cutting = cutTrees(oldTree, newTree, limits);
  return planOf(cutting, arrange(cutting));
}

/** Two trees as slots with their ties and needs; pure. */
export function cutTrees(oldTree: SourceTree, newTree: SourceTree, limits: SplitLimits = {}): Cutting {
  const slots = slotsOf(oldTree, newTree);
  const changed = slots.flatMap((slot, index) => (isChanged(slot, { oldTree, newTree }) ? [index] : []));
  const silent = changed.filter((index) => !hasCode(slots[index]!));
  const loud = changed.filter((index) => hasCode(slots[index]!));
  const ties = tiesOf(slots, loud);
  const { isFine, isSuspect } = limits;
  if (isFine) ties.push(loud.filter((index) => !isFine(slots[index]!)));
  const needs = needsOf({ slots, members: loud, oldTree, newTree });
  const unreached = unreachedOf(slots, loud, { mostLines: mostMerged(slots, loud) });
  return { oldTree, newTree, slots, silent, loud, ties, needs, unreached, ...(isSuspect && { isSuspect }) };
}

/** What builds taught of changed slots (indexes). */
export interface Learned {
  /** The first must be in the tree before the second. */
  before: readonly (readonly [number, number])[];
  together: readonly (readonly number[])[];
}

/** Changed slots (all, or those of `members`) as groups in an order that keeps ties, needs and what was learned. */
export function arrange(
  cutting: Cutting,
  members: readonly number[] = cutting.loud,
  learned: Learned = { before: [], together: [] },
): OrderedGroup[] {
  const { slots, unreached, isSuspect = () => false } = cutting;
  const isMember = new Set(members);
  const within = (group: readonly number[]): number[] => group.filter((index) => isMember.has(index));
  const ties = [...cutting.ties, ...learned.together].map(within).filter((group) => group.length > 1);
  const needs: Needs = new Map(
    members.map((index) => [index, new Set(within([...cutting.needs.get(index)!]))]),
  );
  for (const [first, then] of learned.before) if (isMember.has(first)) needs.get(then)?.add(first);
  const groups = orderGroups({ slots, members, ties, needs, isSuspect });
  return mergeUnreached(groups, slots, { unreached, isSuspect });
}

/** Groups of slots, each after all it needs, as a plan that begins with what no compiler can see. */
export function planOf(
  { oldTree, newTree, slots, silent, needs }: Cutting,
  groups: readonly Pick<OrderedGroup, "members">[],
): SplitPlan {
  const shift = silent.length > 0 ? 1 : 0;
  const placeOf = new Map(
    groups.flatMap(({ members }, at) => members.map((index) => [index, at + shift] as const)),
  );
  const commits = groups.map(({ members }, at) => {
    const needed = new Set(
      members.flatMap((index) => [...needs.get(index)!]).map((index) => placeOf.get(index)!),
    );
    needed.delete(at + shift);
    return {
      id: idOf(members.map((index) => slotKey(slots[index]!))),
      slots: members,
      needs: [...needed].sort((a, b) => a - b),
      hasCode: true,
    };
  });
  const first = { id: "no-code", slots: silent, needs: [], hasCode: false };
  return { oldTree, newTree, slots, commits: shift > 0 ? [first, ...commits] : commits };
}

/** A tenth of all that changed, at most 320 lines. */
function mostMerged(slots: readonly Slot[], loud: readonly number[]): number {
  const texts = loud.flatMap((index) => [slots[index]!.old?.text, slots[index]!.new?.text]);
  return Math.min(320, Math.floor(texts.join("").split("\n").length / 10));
}

/** Names a slot by what it changes, not by where it stands. */
function slotKey(slot: Slot): string {
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
    if (isCuttable && mode.startsWith("100") && (oldText ?? "") !== (newText ?? ""))
      return alignTexts(file, oldText ?? "", newText ?? "", isWholeStruct);
    const side = (text: string | undefined) => (text === undefined ? undefined : wholeUnit(text));
    return [{ file, old: side(oldText), new: side(newText), memberOf: undefined }];
  });
}

type Trees = Pick<SplitPlan, "oldTree" | "newTree">;

/** Whether a slot's two sides differ, in text or in its file's mode. */
export function isChanged(slot: Slot, { oldTree, newTree }: Trees): boolean {
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
