// #if groups beside units: a span that holds only one end of a group grows to hold both where that is possible, so that
// a unit can be cut out of its file; what then still encloses a unit is its condition.
import type { UnitKind } from "./source-file.js";

/** A unit as the scanner finds it; offsets in the text. */
export interface FoundUnit {
  kind: UnitKind;
  name: string;
  start: number;
  end: number;
  bodyStart: number | undefined;
  alternatives: readonly string[];
  /** The #if branches around it, outermost first; known once the spans are balanced. */
  condition: readonly string[];
}

/** One #if ... #endif; `start` is that of the #if line, `end` that of the end of the #endif line. */
export interface Conditional {
  start: number;
  end: number;
  branches: { start: number; condition: string }[];
  isGuard: boolean;
}

/** Sorts, drops what lies inside another unit, balances, and adds each unit's condition. The units given are changed. */
export function balanceSpans(
  found: readonly FoundUnit[],
  conditionals: readonly Conditional[],
  length: number,
): FoundUnit[] {
  const units = withoutOverlap(found);
  const sorted = [...conditionals].sort((a, b) => a.start - b.start);
  growToWholeGroups(units, sorted, length);
  const open: Conditional[] = [];
  const closeBefore = (offset: number): void => {
    while (open.length > 0 && open.at(-1)!.end <= offset) open.pop();
  };
  let next = 0;
  for (const unit of units) {
    for (; next < sorted.length && sorted[next]!.start < unit.start; next++) {
      closeBefore(sorted[next]!.start);
      open.push(sorted[next]!);
    }
    closeBefore(unit.start);
    if (open.length > 0) unit.condition = conditionAround(unit, open);
  }
  return units;
}

const none: readonly string[] = [];

function conditionAround(unit: FoundUnit, open: readonly Conditional[]): readonly string[] {
  const around = open.filter((conditional) => conditional.end >= unit.end && !conditional.isGuard);
  return around.length === 0 ? none : around.map((conditional) => branchAt(conditional, unit.start));
}

function branchAt(conditional: Conditional, offset: number): string {
  return (
    (conditional.branches.findLast((branch) => branch.start <= offset) ?? conditional.branches[0])
      ?.condition ?? ""
  );
}

/** Of units that overlap the outer one stays; a header with a body in one branch and a `;` in the other is a function. */
function withoutOverlap(found: readonly FoundUnit[]): FoundUnit[] {
  const kept: FoundUnit[] = [];
  let lastEnd = 0;
  for (const unit of inOrder(found)) {
    if (unit.start < lastEnd) continue;
    kept.push(unit);
    lastEnd = unit.end;
  }
  return kept;
}

function inOrder(found: readonly FoundUnit[]): readonly FoundUnit[] {
  const isFunction = ({ kind }: FoundUnit): number => (kind === "function" ? 1 : 0);
  const order = (a: FoundUnit, b: FoundUnit): number =>
    a.start - b.start || isFunction(b) - isFunction(a) || b.end - a.end;
  const isSorted = found.every((unit, at) => at === 0 || order(found[at - 1]!, unit) <= 0);
  return isSorted ? found : [...found].sort(order);
}

/** Innermost groups first: an outer group may be balanced once the inner one is inside. */
function growToWholeGroups(units: FoundUnit[], sorted: readonly Conditional[], length: number): void {
  for (let at = sorted.length - 1; at >= 0; at--) {
    const group = sorted[at]!;
    const first = firstEndingAfter(units, group.start);
    const unit = units[first];
    if (unit === undefined) continue;
    if (unit.start < group.start) {
      const limit = units[first + 1]?.start ?? length;
      if (group.end > unit.end && group.end <= limit) unit.end = group.end;
      continue;
    }
    const last = firstEndingAfter(units, group.end - 1);
    const tail = units[last];
    if (tail === undefined || tail.start >= group.end || tail.end < group.end) continue;
    if (last === first) tail.start = group.start;
  }
}

function firstEndingAfter(units: readonly FoundUnit[], offset: number): number {
  let low = 0;
  let high = units.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (units[middle]!.end > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}
