// How near each function is to what the symptoms name: the best path from a frame down its calls, or up its callers.
import type { CallGraph } from "./call-graph.js";

export interface Reach {
  score: number;
  /** From the frame to the function. */
  path: string[];
}

/** A call further away is half as likely: most crashes happen in or next to the code that is wrong. */
const down = { share: 0.5, depth: 5 } as const;
const up = { share: 0.4, depth: 2 } as const;
/** What the compiler inlined ran under its caller's name: hardly a step away. */
const inlined = 0.85;
const faintest = 0.002;

/** What had not run yet when it went wrong can only have done harm in an earlier round. */
const tooLate = 0.5;

/** The best path to every function that the frames reach; `isLate` tells what a frame had not called yet. */
export function reachFrom(
  weights: ReadonlyMap<string, number>,
  graph: CallGraph,
  isLate: (caller: string, callee: string) => boolean,
): Map<string, Reach> {
  const best = new Map<string, Reach>();
  for (const [name, weight] of weights) best.set(name, { score: weight, path: [name] });
  const starts = [...best];
  spread(best, starts, { next: graph.callees, graph, isLate, ...down });
  spread(best, starts, { next: graph.callers, graph, isLate: () => false, ...up });
  return best;
}

function spread(
  best: Map<string, Reach>,
  starts: readonly [string, Reach][],
  way: {
    next: CallGraph["callees"];
    graph: CallGraph;
    isLate: (caller: string, callee: string) => boolean;
    share: number;
    depth: number;
  },
): void {
  let edge = starts;
  for (let depth = 0; depth < way.depth && edge.length > 0; depth++) {
    const improved = new Map<string, Reach>();
    for (const [name, { score, path }] of edge)
      for (const other of way.next.get(name) ?? []) {
        const isDown = way.next === way.graph.callees;
        const share = isDown && way.graph.inlined.has(other) ? inlined : way.share;
        const [callee, caller] = isDown ? [other, name] : [name, other];
        const late = depth === 0 && way.isLate(caller, callee) ? tooLate : 1;
        const reached = score * share * late * plainness(callee, caller, way.graph);
        if (reached < faintest || reached <= (best.get(other)?.score ?? 0)) continue;
        const reach = { score: reached, path: [...path, other] };
        best.set(other, reach);
        improved.set(other, reach);
      }
    edge = [...improved];
  }
}

/** Calls from outside of the tree say less once the trace names a function of it: then the caller is known. */
const besideOwn = 0.5;
/** What more functions than this call is a service, not a subject that they share. */
const mostUsers = 12;

/**
 * Functions of the tree that call what the trace names outside of it, as one step up: the kernel stumbles over what one
 * of them gave it. `__f` in a trace is what `f` turned into.
 */
export function reachFromOutside(
  best: Map<string, Reach>,
  others: ReadonlyMap<string, number>,
  graph: CallGraph,
): void {
  const whole = best.size === 0 ? up.share : up.share * besideOwn;
  for (const [name, weight] of others) {
    const words = [name, name.replace(/^_+/, "")];
    const users = [...graph.words].filter(([, used]) => words.some((word) => used.has(word)));
    if (users.length > mostUsers) continue;
    const score = (weight * whole) / (1 + 0.08 * Math.max(0, users.length - 3));
    for (const [user] of users)
      if (score > (best.get(user)?.score ?? faintest)) best.set(user, { score, path: [name, user] });
  }
}

/** What everybody calls, and what calls everything, says little about one symptom. */
function plainness(callee: string, caller: string, graph: CallGraph): number {
  const fanIn = graph.callers.get(callee)?.size ?? 0;
  const fanOut = graph.callees.get(caller)?.size ?? 0;
  return 1 / (1 + 0.08 * Math.max(0, fanIn - 3)) / (1 + 0.03 * Math.max(0, fanOut - 10));
}
