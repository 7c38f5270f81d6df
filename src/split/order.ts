// Ties and needs to an order: tied slots are one node, nodes that need each other in a circle are one commit, and the
// commits come in the order of preference that the needs leave free.
import { joinGroups } from "./join-groups.js";
import type { Needs } from "./needs.js";
import { classifyFile } from "./file-class.js";
import type { Slot } from "./slot.js";

export interface OrderInput {
  slots: readonly Slot[];
  members: readonly number[];
  ties: readonly (readonly number[])[];
  needs: Needs;
  /** What belongs near the middle of the order. */
  isSuspect: (slot: Slot) => boolean;
}

export interface OrderedGroup {
  members: number[];
  /** Indexes of earlier groups. */
  needs: number[];
}

/** The groups in an order that keeps every need; the same input gives the same order. */
export function orderGroups(input: OrderInput): OrderedGroup[] {
  const nodes = joinGroups(input.members, input.ties);
  const nodeOf = new Map(nodes.flatMap((node, at) => node.map((index) => [index, at] as const)));
  const rank = withSuspectsInTheMiddle(
    nodes.map((node) => rankOf(node, input.slots)),
    nodes.map((node) => node.some((index) => input.isSuspect(input.slots[index]!))),
  );
  const order = nodes.map((_, at) => at).sort((a, b) => compareRanks(rank[a]!, rank[b]!));
  const place = new Map(order.map((node, at) => [node, at]));
  const edges = nodes.map((node, at) => {
    const needed = new Set(
      node.flatMap((index) => [...input.needs.get(index)!]).map((index) => nodeOf.get(index)!),
    );
    needed.delete(at);
    return [...needed].sort((a, b) => place.get(a)! - place.get(b)!);
  });
  const circles = circlesOf(order, edges);
  const groupOf = new Map(circles.flatMap((circle, at) => circle.map((node) => [node, at] as const)));
  return circles.map((circle, at) => {
    const needed = new Set(circle.flatMap((node) => edges[node]!).map((node) => groupOf.get(node)!));
    needed.delete(at);
    return {
      members: circle.flatMap((node) => nodes[node]!).sort((a, b) => a - b),
      needs: [...needed].sort((a, b) => a - b),
    };
  });
}

/** Additions to headers first, then functions that nothing calls yet, what changed in file order, removals last. */
function rankOf(node: readonly number[], slots: readonly Slot[]): readonly [number, number] {
  const ranks = node.map((index) => {
    const slot = slots[index]!;
    if (slot.new === undefined) return 6;
    if (classifyFile(slot.file) === "build") return 4;
    if (slot.new.kind === "include" && slot.old === undefined) return 0;
    if (/(?:^|\/)kcompat[^/]*\.h$/.test(slot.file)) return 1;
    if (slot.file.endsWith(".h")) return 2;
    return slot.old === undefined && slot.new.kind === "function" ? 3 : 5;
  });
  return [Math.min(...ranks), node[0]!];
}

type Rank = readonly [number, number];

/** Suspects after the first half of all that is not one; what they need still comes before them. */
function withSuspectsInTheMiddle(ranks: readonly Rank[], isSuspect: readonly boolean[]): Rank[] {
  if (!isSuspect.includes(true)) return [...ranks];
  const others = ranks.filter((_, at) => !isSuspect[at]).sort(compareRanks);
  const middle = others[Math.floor(others.length / 2)] ?? [0, 0];
  return ranks.map((rank, at) => (isSuspect[at] ? [middle[0], middle[1] - 0.5] : rank));
}

function compareRanks(a: readonly [number, number], b: readonly [number, number]): number {
  return a[0] - b[0] || a[1] - b[1];
}

/** Tarjan's circles, each after all that it needs; without recursion, since chains can be long. */
function circlesOf(order: readonly number[], edges: readonly (readonly number[])[]): number[][] {
  const seen = new Map<number, number>();
  const low = new Map<number, number>();
  const waiting: number[] = [];
  const isWaiting = new Set<number>();
  const circles: number[][] = [];
  const enter = (node: number): { node: number; next: number } => {
    seen.set(node, seen.size);
    low.set(node, seen.size - 1);
    waiting.push(node);
    isWaiting.add(node);
    return { node, next: 0 };
  };
  for (const start of order) {
    if (seen.has(start)) continue;
    const path = [enter(start)];
    while (path.length > 0) {
      const top = path.at(-1)!;
      const needed = edges[top.node]![top.next++];
      if (needed !== undefined) {
        if (!seen.has(needed)) path.push(enter(needed));
        else if (isWaiting.has(needed)) low.set(top.node, Math.min(low.get(top.node)!, seen.get(needed)!));
        continue;
      }
      path.pop();
      const above = path.at(-1);
      if (above) low.set(above.node, Math.min(low.get(above.node)!, low.get(top.node)!));
      if (low.get(top.node) === seen.get(top.node)) {
        const circle = waiting.splice(waiting.lastIndexOf(top.node));
        for (const node of circle) isWaiting.delete(node);
        circles.push(circle);
      }
    }
  }
  return circles;
}
