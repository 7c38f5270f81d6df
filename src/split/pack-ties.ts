// A #pragma pack holds until the next one, through every header that is included after it: between its coming and its
// end's a tree would build, and lay out half of the kernel's structs in another way.
import type { CUnit } from "./c-unit.js";
import type { Slot } from "./slot.js";

/** Changed #pragma pack (indexes) with their ends, and the heads and tails of the structs between that say __packed. */
export function packTies(slots: readonly Slot[], members: readonly number[]): number[][] {
  const changed = new Set(members);
  const groups: number[][] = [];
  for (const side of ["old", "new"] as const) {
    let open: { file: string; group: number[] } | undefined;
    for (const [index, slot] of slots.entries()) {
      if (open?.file !== slot.file) open = undefined;
      if (open && changed.has(index) && (isPack(slot[side]) || isLayout(slot))) open.group.push(index);
      if (!isPack(slot[side])) continue;
      if (open) groups.push(open.group);
      open = open ? undefined : { file: slot.file, group: changed.has(index) ? [index] : [] };
    }
  }
  return groups.filter((group) => group.some((index) => isPack(slots[index]!.old ?? slots[index]!.new)));
}

function isPack(unit: CUnit | undefined): boolean {
  return unit !== undefined && /^#\s*pragma pack\b/.test(unit.code);
}

function isLayout({ memberOf, old: before, new: after }: Slot): boolean {
  const { kind } = (after ?? before)!;
  return kind === "struct" || (memberOf !== undefined && kind === "other");
}
