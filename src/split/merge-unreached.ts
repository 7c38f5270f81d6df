// A function that nothing calls yet, or any more, can't change what a program does: such functions of one file that
// come in a row are one commit, so that a bisect does not test the same behaviour again and again.
import type { OrderedGroup } from "./order.js";
import type { Slot } from "./slot.js";

interface Merged {
  members: number[];
  needs: Set<number>;
  kind: string | undefined;
  lines: number;
}

/** Joins such groups to the last one of their kind that all they need stands before, up to `mostLines` lines. */
export function mergeUnreached(
  groups: readonly OrderedGroup[],
  slots: readonly Slot[],
  { mostLines, isSuspect }: { mostLines: number; isSuspect: (slot: Slot) => boolean },
): OrderedGroup[] {
  const merged: Merged[] = [];
  const placeOf: number[] = [];
  for (const { members, needs } of groups) {
    const own = members.map((index) => slots[index]!);
    const kind = own.some(isSuspect) ? undefined : unreachedKind(own);
    const lines = members.reduce((sum, index) => sum + lineCount(slots[index]!), 0);
    const places = needs.map((need) => placeOf[need]!);
    const place = merged.findLastIndex(
      (other, at) =>
        kind !== undefined &&
        other.kind === kind &&
        other.lines + lines <= mostLines &&
        places.every((need) => need <= at),
    );
    placeOf.push(place < 0 ? merged.length : place);
    if (place < 0) merged.push({ members: [...members], needs: new Set(places), kind, lines });
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

/** "added FILE" or "removed FILE" when all slots are functions of one source file that came or went. */
function unreachedKind(slots: readonly Slot[]): string | undefined {
  const kinds = slots.map(({ file, old: before, new: after, within }) => {
    const { kind } = (after ?? before)!;
    const isCode =
      (kind === "function" || kind === "prototype") && within === undefined && file.endsWith(".c");
    if (!isCode || (before && after)) return undefined;
    return `${before ? "removed" : "added"} ${file}`;
  });
  return kinds.every((kind) => kind === kinds[0]) ? kinds[0] : undefined;
}

function lineCount({ old: before, new: after }: Slot): number {
  return ((before?.text ?? "") + (after?.text ?? "")).split("\n").length - 1;
}
