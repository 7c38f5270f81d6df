// What must not come apart: groups of slots that only build together.
import { callsOf, identifiersOf } from "./c-code.js";
import { joinGroups } from "./join-groups.js";
import type { CUnit } from "./c-unit.js";
import { packTies } from "./pack-ties.js";
import type { Slot } from "./slot.js";

/** Groups of slots (indexes); groups that share one belong together too. */
export function tiesOf(slots: readonly Slot[], members: readonly number[]): number[][] {
  return [
    ...conditionalTies(slots, members),
    ...declarationTies(slots, members),
    ...entryTies(slots, members),
    ...memberTies(slots, members),
    ...packTies(slots, members),
    ...lumps(slots, members),
  ];
}

/** A member that becomes another kind of thing (a list, a pointer, an array), with the changed code that uses it. */
function memberTies(slots: readonly Slot[], members: readonly number[]): number[][] {
  return members.flatMap((index) => {
    const { memberOf, old: before, new: after } = slots[index]!;
    if (memberOf === undefined || before?.kind !== "variable" || after?.kind !== "variable") return [];
    if (before.name !== after.name || shapeOf(before) === shapeOf(after)) return [];
    const use = new RegExp(`(?:\\.|->) ?${after.name}\\b`);
    const isUser = ({ old: was, new: is }: Slot): boolean =>
      use.test(was?.code ?? "") && use.test(is?.code ?? "");
    return [[index, ...members.filter((other) => isUser(slots[other]!))]];
  });
}

/** What of a declaration assignments must agree with; numbers of any size agree. */
function shapeOf({ code }: CUnit): string {
  return [/\b(?:struct|union) \w+/.exec(code)?.[0] ?? "", ...(code.match(/\*|\[/g) ?? [])].join(" ");
}

/** A module has one way in and one way out, which module_init and module_pci_driver each define (linux/module.h). */
function entryTies(slots: readonly Slot[], members: readonly number[]): number[][] {
  const entries = new Map<string, number[]>();
  for (const index of members) {
    const { file, old: before, new: after } = slots[index]!;
    const { kind, code } = (after ?? before)!;
    if (kind === "other" && /^module_(?:init|exit|\w*driver) ?\(/.test(code)) add(entries, file, index);
  }
  return [...entries.values()];
}

function lumps(slots: readonly Slot[], members: readonly number[]): number[][] {
  const tied = new Map<string, number[]>();
  for (const index of members) {
    const { file, lump } = slots[index]!;
    if (lump !== undefined) add(tied, `${file}:${lump}`, index);
  }
  return [...tied.values()];
}

/** What a caller must agree with: the head of a function, the parameters of a macro; "" for all else. */
export function signatureOf(unit: CUnit): string {
  if (unit.kind === "function") return unit.code.slice(0, unit.code.indexOf("{")).trim();
  if (unit.kind === "prototype") return unit.code.replace(/;$/, "").trim();
  if (unit.kind === "macro") return /^#\s*define \w+(\([^)]*\))?/.exec(unit.code)?.[1] ?? "";
  return "";
}

/**
 * The directives of one conditional, and what comes or goes inside it together with them. A directive that stays can
 * close one conditional in the old text and another one in the new: then both are one.
 */
function conditionalTies(slots: readonly Slot[], members: readonly number[]): number[][] {
  return conditionalsOf(slots, members).flatMap(({ directives, inside, change }) =>
    change === "changed" ? [[...directives, ...inside]] : [directives],
  );
}

/** A changed conditional: the slots of its directives, and the changed slots in its branches. */
export interface ChangedConditional {
  directives: number[];
  inside: number[];
  /** Added or removed only when all its directives are. */
  change: "added" | "removed" | "changed";
}

/** Each conditional of which a directive changed. */
export function conditionalsOf(slots: readonly Slot[], members: readonly number[]): ChangedConditional[] {
  const key = (side: "old" | "new", slot: Slot, id: number): string =>
    `${side}:${slot.file}:${slot.memberOf ?? ""}:${id}`;
  const keysOf = (slot: Slot, list: "directivesOf" | "inside"): string[] =>
    (["old", "new"] as const).flatMap((side) => (slot[side]?.[list] ?? []).map((id) => key(side, slot, id)));
  const bridges = slots.map((slot) => keysOf(slot, "directivesOf"));
  const conditionals = joinGroups([...new Set(bridges.flat())], bridges);
  const numberOf = new Map(conditionals.flatMap((keys, at) => keys.map((each) => [each, at] as const)));
  const directives = new Map<number, number[]>();
  for (const index of members)
    for (const each of bridges[index]!) add(directives, numberOf.get(each)!, index);
  const inside = new Map<number, number[]>();
  for (const index of members)
    for (const each of keysOf(slots[index]!, "inside")) add(inside, numberOf.get(each) ?? -1, index);
  return [...directives].map(([number, own]) => ({
    directives: own,
    inside: inside.get(number) ?? [],
    change: changeOf(own.map((index) => slots[index]!)),
  }));
}

function changeOf(directives: readonly Slot[]): ChangedConditional["change"] {
  const isPlain = directives.every((slot) => (slot.new ?? slot.old)!.kind === "conditional");
  if (isPlain && directives.every((slot) => slot.old === undefined)) return "added";
  if (isPlain && directives.every((slot) => slot.new === undefined)) return "removed";
  return "changed";
}

/**
 * A function's definition and prototypes when its signature or place changes, with the calls that changed their
 * arguments; a moved definition with its old place.
 */
function declarationTies(slots: readonly Slot[], members: readonly number[]): number[][] {
  const byName = new Map<string, number[]>();
  for (const index of members) for (const name of declared(slots[index]!)) add(byName, name, index);
  const groups: number[][] = [];
  const callers = new Map<string, number[]>();
  for (const index of members)
    for (const id of identifiersOf(slots[index]!.new?.code ?? "").keys())
      if (byName.has(id)) add(callers, id, index);
  for (const [name, declarations] of byName) {
    const isBoth = (side: "old" | "new"): boolean =>
      declarations.some((index) => slots[index]![side] !== undefined);
    if (!isBoth("old") || !isBoth("new")) continue;
    const moved = declarations.filter((index) => !slots[index]!.old || !slots[index]!.new);
    const resigned = declarations.filter((index) => {
      const { old: before, new: after } = slots[index]!;
      return before && after && signatureOf(before) !== signatureOf(after);
    });
    const tied = [...moved, ...resigned];
    if (tied.length === 0) continue;
    const calling = (callers.get(name) ?? []).filter((index) => isOtherCall(slots[index]!, name));
    groups.push([...tied, ...calling]);
  }
  return groups;
}

function declared(slot: Slot): string[] {
  const { kind, name } = (slot.new ?? slot.old)!;
  if (slot.memberOf !== undefined && kind !== "macro")
    return kind === "other" ? [] : [`${slot.memberOf}.${name}`];
  return ["function", "prototype", "struct", "enum", "typedef", "macro", "variable"].includes(kind)
    ? [name]
    : [];
}

/** Whether a slot calls a function in both versions, with other arguments. */
function isOtherCall(slot: Slot, name: string): boolean {
  const [before, after] = [callsOf(slot.old?.code ?? "", name), callsOf(slot.new?.code ?? "", name)];
  return before.length > 0 && after.length > 0 && before.join("\n") !== after.join("\n");
}

function add<K>(map: Map<K, number[]>, key: K, index: number): void {
  const known = map.get(key);
  if (known) known.push(index);
  else map.set(key, [index]);
}
