// A pair of trees as one row of slots per file. A slot holds an old and a new text of which either can be chosen,
// whatever the others choose: all old is the old file, all new is the new one, and every mix is a whole file.
import { diffArrays } from "diff";
import { alignParts } from "./align-parts.js";
import { codeStart } from "./cut-text.js";
import { cutMembers, cutUnits, type CUnit } from "./c-unit.js";

/** A file's bytes and git's mode: "100644", "100755", "120000"; "160000" for a submodule and the id of its commit. */
export interface TreeFile {
  mode: string;
  content: Buffer;
}

/** Path to file. */
export type SourceTree = ReadonlyMap<string, TreeFile>;

export interface Slot {
  file: string;
  /** The side's units; none on a side where the slot is empty. */
  old: CUnit | undefined;
  new: CUnit | undefined;
  /** The struct, enum or table whose member or row it is. */
  memberOf: string | undefined;
  /** The function whose statements it is. */
  within?: string;
  /** Its number among the parts of a function, enum or table. */
  part?: number;
  /** Slots of one file with the same lump may not come apart. */
  lump?: string;
}

/** Above this many differing units a file is one slot: it is not the same file any more. */
const mostEdits = 6000;

/** The slots of two versions of a C file (latin1), in the order of the file, unchanged ones among them. */
export function alignTexts(
  file: string,
  oldText: string,
  newText: string,
  isWholeStruct: WholeStruct,
): Slot[] {
  const slots = alignUnits({ file, memberOf: undefined }, cutUnits(oldText), cutUnits(newText));
  if (slots === undefined)
    return [{ file, old: wholeUnit(oldText), new: wholeUnit(newText), memberOf: undefined }];
  return slots.flatMap(apartFromComment).flatMap((slot) => {
    const parts = alignParts(slot);
    if (parts) return parts.flatMap(apartFromComment);
    const { old: before, new: after } = slot;
    if (before?.kind !== "struct" || after?.kind !== "struct" || before.code === after.code) return [slot];
    const [oldParts, newParts] = [cutMembers(before), cutMembers(after)];
    if (!oldParts || !newParts) return [slot];
    const members = alignUnits({ file, memberOf: before.name }, oldParts, newParts) ?? [slot];
    return isWholeStruct(before.name) ? members.map(ofOneSize) : members;
  });
}

/** Whether a struct's members may only change together: something checks its size. */
export type WholeStruct = (name: string) => boolean;

/** Macros among the members take no room. */
function ofOneSize(slot: Slot): Slot {
  return (slot.new ?? slot.old)!.kind === "macro" ? slot : { ...slot, lump: `size of ${slot.memberOf}` };
}

/** A text as one unit that is never cut. */
export function wholeUnit(text: string): CUnit {
  const empty = { code: text, defines: [], isStatic: false, directivesOf: [], inside: [] };
  return { kind: "other", name: "whole file", text, ...empty };
}

/** The comment before a changed unit is a slot of its own: it must not make a change of two lines look large. */
function apartFromComment(slot: Slot): Slot[] {
  const { old: before, new: after } = slot;
  if (!before || !after || before.code === after.code) return [slot];
  const [oldAt, newAt] = [codeStart(before.text), codeStart(after.text)];
  if (before.text.slice(0, oldAt) === after.text.slice(0, newAt)) return [slot];
  const comment = (unit: CUnit, at: number): CUnit => ({
    ...wholeUnit(unit.text.slice(0, at)),
    name: `comment of ${unit.name}`,
    code: "",
  });
  return [
    { ...slot, old: comment(before, oldAt), new: comment(after, newAt) },
    {
      ...slot,
      old: { ...before, text: before.text.slice(oldAt) },
      new: { ...after, text: after.text.slice(newAt) },
    },
  ];
}

type Place = Pick<Slot, "file" | "memberOf">;

function alignUnits(place: Place, before: CUnit[], after: CUnit[]): Slot[] | undefined {
  const options = { maxEditLength: mostEdits };
  const rows = diffArrays(before, after, { ...options, comparator: isSameCode });
  if (rows === undefined) return undefined;
  const slots: Slot[] = [];
  let [oldAt, newAt] = [0, 0];
  let gap: { old: CUnit[]; new: CUnit[] } = { old: [], new: [] };
  const closeGap = (): void => {
    slots.push(...pairByName(place, gap.old, gap.new));
    gap = { old: [], new: [] };
  };
  for (const { added, removed, count } of rows) {
    if (removed) gap.old.push(...before.slice(oldAt, (oldAt += count)));
    else if (added) gap.new.push(...after.slice(newAt, (newAt += count)));
    else {
      closeGap();
      for (let each = 0; each < count; each++)
        slots.push({ ...place, old: before[oldAt++], new: after[newAt++] });
    }
  }
  closeGap();
  return slots;
}

/** Between two unchanged units: what has a name on both sides is one changed unit, the rest came or went. */
function pairByName(place: Place, before: CUnit[], after: CUnit[]): Slot[] {
  const slots: Slot[] = [];
  let [oldAt, newAt] = [0, 0];
  for (const { added, removed, count } of diffArrays(before, after, { comparator: isSameName }))
    for (let each = 0; each < count; each++)
      slots.push({
        ...place,
        old: added ? undefined : before[oldAt++],
        new: removed ? undefined : after[newAt++],
      });
  return slots;
}

function isSameCode(a: CUnit, b: CUnit): boolean {
  return a.kind === b.kind && a.code === b.code;
}

function isSameName(a: CUnit, b: CUnit): boolean {
  return a.kind === b.kind && a.name === b.name;
}
