// Which slot needs another one first. Edges between changed slots only: what did not change builds on both sides.
import { identifiersOf } from "./c-code.js";
import { classifyFile } from "./file-class.js";
import { conditionalsOf, signatureOf } from "./ties.js";
import type { Slot, SourceTree } from "./slot.js";

/** For each slot the slots that must be in the tree before it. */
export type Needs = Map<number, Set<number>>;

interface Uses {
  old: Map<string, number>;
  new: Map<string, number>;
}

export interface NeedsInput {
  slots: readonly Slot[];
  /** The changed slots (indexes). */
  members: readonly number[];
  oldTree: SourceTree;
  newTree: SourceTree;
}

/** Told by identifiers alone: what names a thing anew needs its definition, what goes waits for its last user. */
export function needsOf(input: NeedsInput): Needs {
  const { slots, members } = input;
  const needs: Needs = new Map(members.map((index) => [index, new Set<number>()]));
  const uses = new Map(members.map((index) => [index, usesOf(slots[index]!)]));
  const comes = definersBy(slots, members, "new", "old");
  const goes = definersBy(slots, members, "old", "new");
  const signatures = changedSignatures(slots, members);
  const shared = { old: sharedNames(slots, "old"), new: sharedNames(slots, "new") };
  const before = (first: number, then: number): void => {
    if (first !== then) needs.get(then)?.add(first);
  };
  for (const index of members) {
    const slot = slots[index]!;
    const used = uses.get(index)!;
    const sees = (other: number): boolean => isVisible(slots[other]!, slot);
    const means = (side: "old" | "new", id: string) => (other: number) =>
      sees(other) && isMeant({ id, side, shared: shared[side] }, { definer: slots[other]!, user: slot });
    const [own, owned] = [new Set(slot.new?.defines), new Set(slot.old?.defines)];
    for (const id of used.new.keys()) {
      if (used.old.has(id) || own.has(id)) continue;
      for (const definer of (comes.get(id) ?? []).filter(means("new", id))) before(definer, index);
      for (const definer of (signatures.get(id) ?? []).filter(sees)) before(definer, index);
    }
    for (const id of used.old.keys()) {
      if (used.new.has(id) || owned.has(id)) continue;
      for (const definer of (goes.get(id) ?? []).filter(means("old", id))) before(index, definer);
      for (const definer of (signatures.get(id) ?? []).filter(sees)) before(index, definer);
    }
  }
  for (const { directives, inside, change } of conditionalsOf(slots, members))
    for (const directive of directives)
      for (const index of inside)
        if (change === "added") before(directive, index);
        else if (change === "removed") before(index, directive);
  addFileNeeds(input, before);
  return needs;
}

/** A file comes before what includes or builds it, and goes after that. */
function addFileNeeds(input: NeedsInput, before: (first: number, then: number) => void): void {
  const { slots, members, oldTree, newTree } = input;
  const buildFiles = members.filter((index) => classifyFile(slots[index]!.file) === "build");
  const includes = members.filter((index) => (slots[index]!.new ?? slots[index]!.old)!.kind === "include");
  const nameIn = (path: string, unit: { name: string } | undefined): boolean =>
    unit !== undefined && unit.name !== "" && (path === unit.name || path.endsWith(`/${unit.name}`));
  // One slot makes the file be there; what else is in it only follows names.
  const first = new Map([...members].reverse().map((index) => [slots[index]!.file, index]));
  for (const index of members) {
    const { file } = slots[index]!;
    const comes = !oldTree.has(file);
    if ((!comes && newTree.has(file)) || first.get(file) !== index) continue;
    for (const build of file.endsWith(".c") ? buildFiles : [])
      if (comes) before(index, build);
      else before(build, index);
    for (const include of includes) {
      if (comes && nameIn(file, slots[include]!.new)) before(index, include);
      if (!comes && nameIn(file, slots[include]!.old)) before(include, index);
    }
  }
  addIncludeNeeds(input, { includes, nameIn }, before);
}

/** What a new header gives can only be used once the header is included. */
function addIncludeNeeds(
  { slots, members, oldTree }: NeedsInput,
  found: {
    includes: readonly number[];
    nameIn: (path: string, unit: { name: string } | undefined) => boolean;
  },
  before: (first: number, then: number) => void,
): void {
  const bringing = new Map<string, number[]>();
  const givers = new Map<string, string>();
  for (const index of members) {
    const { file, new: now } = slots[index]!;
    if (oldTree.has(file) || !file.endsWith(".h")) continue;
    const list = found.includes.filter(
      (include) => slots[include]!.file !== file && found.nameIn(file, slots[include]!.new),
    );
    bringing.set(file, list);
    for (const id of now?.defines ?? []) givers.set(id, file);
  }
  if (givers.size === 0) return;
  for (const index of members) {
    const { file, old: was, new: now } = slots[index]!;
    if (bringing.has(file) || now?.kind === "include") continue;
    const known = identifiersOf(was?.code ?? "");
    for (const id of identifiersOf(now?.code ?? "").keys())
      if (givers.has(id) && !known.has(id))
        for (const include of bringing.get(givers.get(id)!)!) before(include, index);
  }
}

/** Names that more than one thing of a tree defines: members of many structs are called "flags". */
function sharedNames(slots: readonly Slot[], side: "old" | "new"): Set<string> {
  const [once, more] = [new Set<string>(), new Set<string>()];
  for (const slot of slots)
    for (const name of new Set(slot[side]?.defines)) (once.has(name) ? more : once).add(name);
  return more;
}

/** Whether a name in a user's code can be what the definer calls so; only a member can be another one's namesake. */
function isMeant(
  { id, side, shared }: { id: string; side: "old" | "new"; shared: ReadonlySet<string> },
  { definer, user }: { definer: Slot; user: Slot },
): boolean {
  const unit = definer[side]!;
  const tag = definer.memberOf ?? (unit.kind === "struct" ? unit.name : undefined);
  if (tag === undefined || id === tag || unit.kind === "row") return true;
  if (new RegExp(`#\\s*define ${id}\\b`).test(unit.code)) return true;
  const { code, memberOf } = { ...user[side]!, memberOf: user.memberOf };
  if (shared.has(id) && memberOf !== tag && !new RegExp(`\\b${tag}\\b`).test(code)) return false;
  return (
    new RegExp(`(?:\\.|->) ?${id}\\b`).test(code) || /\b(?:offsetof|container_of|\w*_entry\w*)\(/.test(code)
  );
}

function usesOf(slot: Slot): Uses {
  const side = (code: string | undefined): Map<string, number> => identifiersOf(code ?? "");
  return { old: side(slot.old?.code), new: side(slot.new?.code) };
}

/** Identifier to the slots that define it on one side and not on the other. */
function definersBy(
  slots: readonly Slot[],
  members: readonly number[],
  side: "old" | "new",
  other: "old" | "new",
): Map<string, number[]> {
  const definers = new Map<string, number[]>();
  for (const index of members) {
    const slot = slots[index]!;
    const known = new Set(slot[other]?.defines);
    for (const id of new Set(slot[side]?.defines))
      if (!known.has(id)) definers.set(id, [...(definers.get(id) ?? []), index]);
  }
  return definers;
}

/** Functions and macros with arguments that both sides have, but ask for other arguments. */
function changedSignatures(slots: readonly Slot[], members: readonly number[]): Map<string, number[]> {
  const changed = new Map<string, number[]>();
  for (const index of members) {
    const slot = slots[index]!;
    const name = slot.new?.name;
    if (!slot.old || !slot.new || name === undefined || signatureOf(slot.old) === signatureOf(slot.new))
      continue;
    changed.set(name, [...(changed.get(name) ?? []), index]);
  }
  return changed;
}

function isVisible(definer: Slot, { file, within }: Slot): boolean {
  if (definer.within !== undefined) return definer.file === file && definer.within === within;
  return (
    definer.file === file || definer.file.endsWith(".h") || (definer.new ?? definer.old)?.isStatic !== true
  );
}
