// What must come along with a set of commits: what they need, and what needs them.
import type { Cutting } from "../plan-split.js";
import type { SplitCommit } from "./read-branch.js";

export interface Closure {
  /** What a set of commits (indexes) needs, itself included; `depth` 0 is the set itself, 1 what it needs at once. */
  needed(set: ReadonlySet<number>, depth: number): Set<number>;
  /** What needs a set of commits, itself included. */
  needing(set: ReadonlySet<number>, depth: number): Set<number>;
}

/** By the needs that the texts show; a build is what tells whether they are enough. */
export function closureOf({ needs }: Pick<Cutting, "needs">, commits: readonly SplitCommit[]): Closure {
  const holder = new Map(commits.flatMap(({ slots }, at) => slots.map((slot) => [slot, at] as const)));
  const down = commits.map(({ slots }, at) => {
    const found = slots.flatMap((slot) => [...(needs.get(slot) ?? [])]).map((slot) => holder.get(slot)!);
    return new Set(found.filter((other) => other !== at));
  });
  const up = commits.map(
    (_, at) => new Set(down.flatMap((needed, other) => (needed.has(at) ? [other] : []))),
  );
  return { needed: (set, depth) => grow(set, down, depth), needing: (set, depth) => grow(set, up, depth) };
}

function grow(set: ReadonlySet<number>, edges: readonly ReadonlySet<number>[], depth: number): Set<number> {
  const grown = new Set(set);
  let edge = [...set];
  for (let step = 0; step < depth && edge.length > 0; step++) {
    edge = edge.flatMap((at) => [...edges[at]!]).filter((at) => !grown.has(at));
    for (const at of edge) grown.add(at);
  }
  return grown;
}
