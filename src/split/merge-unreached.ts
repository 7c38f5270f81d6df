// What nothing uses yet, or any more, can't change what a program does: such functions, such members of one struct and
// such declarations of one header are one commit where the order allows it, so that a bisect does not test the same behaviour again and again.
import type { OrderedGroup } from "./order.js";
import type { Slot } from "./slot.js";

interface Merged {
  members: number[];
  needs: Set<number>;
  kind: string | undefined;
  lines: number;
}

/** Slot (index) to what it may be joined with: slots of the same kind, up to so many lines together. */
export type Unreached = ReadonlyMap<number, { kind: string; mostLines: number }>;

/** Joins such groups to the last one of their kind that all they need stands before. */
export function mergeUnreached(
  groups: readonly OrderedGroup[],
  slots: readonly Slot[],
  { unreached, isSuspect }: { unreached: Unreached; isSuspect: (slot: Slot) => boolean },
): OrderedGroup[] {
  const merged: Merged[] = [];
  const placeOf: number[] = [];
  for (const { members, needs } of groups) {
    const isApart = members.some((index) => isSuspect(slots[index]!));
    const kinds = members.map((index) => unreached.get(index));
    const isAlike = !isApart && kinds.every((each) => each !== undefined && each.kind === kinds[0]?.kind);
    const own = isAlike ? kinds[0] : undefined;
    const lines = members.reduce((sum, index) => sum + lineCount(slots[index]!), 0);
    const places = needs.map((need) => placeOf[need]!);
    const place = merged.findLastIndex(
      (other, at) =>
        own !== undefined &&
        other.kind === own.kind &&
        other.lines + lines <= own.mostLines &&
        places.every((need) => need <= at),
    );
    placeOf.push(place < 0 ? merged.length : place);
    if (place < 0) merged.push({ members: [...members], needs: new Set(places), kind: own?.kind, lines });
    else join(merged[place]!, { members, lines, needs: places.filter((need) => need < place) });
  }
  return merged.map(({ members, needs }) => ({
    members: members.sort((a, b) => a - b),
    needs: [...needs].sort((a, b) => a - b),
  }));
}

function join(
  into: Merged,
  from: { members: readonly number[]; needs: readonly number[]; lines: number },
): void {
  into.members.push(...from.members);
  for (const need of from.needs) into.needs.add(need);
  into.lines += from.lines;
}

/** More than these are no small change any more; unreached functions are told their own limit. */
const mostDeclared = 12;
const declarations: readonly string[] = ["prototype", "struct", "typedef", "enum", "function"];

/** The changed slots (indexes) that came where nothing used them before, or go where nothing uses them after. */
export function unreachedOf(
  slots: readonly Slot[],
  members: readonly number[],
  { mostLines }: { mostLines: number },
): Unreached {
  const unreached = new Map<number, { kind: string; mostLines: number }>();
  for (const index of members) {
    const { file, old: before, new: after, within, memberOf } = slots[index]!;
    if ((before && after) || within !== undefined) continue;
    const { kind } = (after ?? before)!;
    const change = before ? "removed" : "added";
    if ((kind === "function" || kind === "prototype") && file.endsWith(".c"))
      unreached.set(index, { kind: `${change} functions`, mostLines });
    else if (memberOf !== undefined && kind === "variable")
      unreached.set(index, { kind: `${change} members of ${memberOf} in ${file}`, mostLines: mostDeclared });
    // Each costs a compilation of all that includes the header.
    else if (memberOf === undefined && file.endsWith(".h") && declarations.includes(kind))
      unreached.set(index, { kind: `${change} declarations in ${file}`, mostLines: mostDeclared });
  }
  return unreached;
}

function lineCount({ old: before, new: after }: Slot): number {
  return ((before?.text ?? "") + (after?.text ?? "")).split("\n").length - 1;
}
