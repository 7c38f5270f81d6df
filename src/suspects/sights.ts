// Which of the driver's functions the evidence names, how strongly, and in which words.
import type { HeldStack } from "../evidence/held-memory.js";
import type { KernelEvent } from "../evidence/kernel-event.js";
import type { Evidence } from "../evidence/read-evidence.js";
import { stripSuffixes, type StackFrame } from "../evidence/stack-frame.js";
import type { CallGraph } from "./call-graph.js";

export interface Sight {
  /** At most 1. */
  weight: number;
  /** How it is named: "stands in the trace". */
  how: string;
}

/** One file of evidence, with what was understood of it. */
export interface Trace {
  text: string;
  evidence: Evidence;
}

/** `share` is 1 for the first event's own stack, less for its consequences and for what is uncertain. */
interface Named {
  function: string;
  module?: string | undefined;
  share: number;
  how: string;
}

const share = {
  /** What comes after the first event is often its consequence. */
  laterEvent: 0.7,
  /** A leftover on the stack: it was called at some time before. */
  uncertain: 0.4,
  /** The same when the kernel marks all of them so. */
  allUncertain: 0.9,
  /** Who freed the memory that was used afterwards is as guilty as who used it. */
  freed: 0.9,
  allocated: 0.5,
  /** A leak's fault lies with what should have freed; and a print also holds what is in use rightly. */
  outstanding: 0.6,
  /** Only the name is alike. */
  renamed: 0.5,
  /** Only a word of a message. */
  worded: 0.5,
} as const;

/** What kmemleak lists nothing points to any more; page_owner lists every page that is taken, rightly or not. */
const heldShare = {
  kmemleak: { share: 0.9, how: "took memory that nothing points to any more" },
  "page-owner": { share: share.outstanding, how: "took pages that were not given back" },
} as const satisfies Record<HeldStack["source"], unknown>;

/** A driver's own way to say that it failed, which prints the trace: whoever failed called it, so that it tells nothing. */
const reporter =
  /(?:^|_)(?:lbug|assfail|assert(?:ion)?_?fail(?:ed|ure)?|dump_?stack|(?:call|stack|back)_?trace|v?panic|v?cmn_err)(?:_|$)/;

/** What the traces name. */
export interface Sightings {
  /** Functions of the tree, with the weight of the strongest sighting. */
  own: Map<string, Sight>;
  /** Functions of the kernel and of other modules, with their weight. */
  others: Map<string, number>;
  /** In which of its calls a function was, as the stacks show. */
  inside: Map<string, Set<string>>;
}

/** Which functions the traces name, the tree's own and others. */
export function sightsOf(traces: readonly Trace[], graph: CallGraph): Sightings {
  const sights = new Map<string, Sight>();
  const others = new Map<string, number>();
  const inside = new Map<string, Set<string>>();
  for (const trace of traces) {
    for (const event of trace.evidence.events ?? []) seeCalls(event, inside);
    const stacks = soundest(
      [failedAssertion(trace), ...stacksOf(trace.evidence), strayFrames(trace), worded(trace, graph)],
      graph,
    );
    const places = stacks.map((stack) => stack.filter(({ function: name }) => !reporter.test(name)));
    for (const stack of places) see(stack, graph, sights);
    for (const stack of places) seeRenamed(stack, graph, sights);
    for (const stack of places) seeOthers(stack, graph, others);
  }
  return { own: sights, others, inside };
}

/** Of what was running when it went wrong, each frame was called by the next. */
function seeCalls({ frames }: KernelEvent, inside: Map<string, Set<string>>): void {
  const running = frames.filter(({ stack, reliable }) => reliable && (stack === "main" || stack === "ip"));
  running.slice(1).forEach(({ function: caller }, at) => {
    const callee = running[at]?.function ?? "";
    inside.set(caller, (inside.get(caller) ?? new Set()).add(callee));
  });
}

/** Only what was surely called counts; each call outwards is one more step from where it went wrong. */
function seeOthers(stack: readonly Named[], graph: CallGraph, others: Map<string, number>): void {
  stack
    .filter((named) => named.share !== share.uncertain)
    .forEach(({ function: name, share: whole }, position) => {
      const weight = whole / (1 + 0.25 * position);
      if (!graph.files.has(name) && weight > (others.get(name) ?? 0)) others.set(name, weight);
    });
}

/**
 * A kernel without frame pointers marks every frame as uncertain; then the marks say nothing. And where no frame names
 * its module, a driver's copy of a core function can't be told from the kernel's own: it counts by half.
 */
function soundest(stacks: readonly Named[][], graph: CallGraph): Named[][] {
  const own = stacks.flat().filter(({ function: name }) => graph.files.has(name));
  const allUncertain =
    own.length > 0 && own.every((named) => named.share === share.uncertain || named.module === "?");
  const noModules = stacks.flat().every(({ module }) => module === undefined || module === "?");
  return stacks.map((stack) =>
    stack.map((named) => ({
      ...named,
      ...(allUncertain && named.share === share.uncertain ? { share: share.allUncertain } : {}),
      ...(noModules && isCompat(named.function, graph) ? { module: "?", share: named.share / 2 } : {}),
    })),
  );
}

/** Nearer to where it went wrong weighs more; frames of other modules and the kernel don't count as steps. */
function see(stack: readonly Named[], graph: CallGraph, sights: Map<string, Sight>): void {
  const order = new Set<string>();
  for (const named of stack) {
    if (!graph.files.has(named.function)) continue;
    if (named.module === undefined && isCompat(named.function, graph)) continue;
    const position = order.size;
    if (named.share !== share.uncertain) order.add(named.function);
    const weight = named.share / (1 + 0.25 * position);
    if (weight > (sights.get(named.function)?.weight ?? 0))
      sights.set(named.function, { weight, how: named.how });
  }
}

/** A log of another release names functions that this one calls otherwise: the one with nearly the same words. */
function seeRenamed(stack: readonly Named[], graph: CallGraph, sights: Map<string, Sight>): void {
  const strange = stack.filter(
    ({ function: name, module }) => module !== undefined && !graph.files.has(name),
  );
  for (const { function: name } of strange.slice(0, 8)) {
    const words = wordsOfName(name);
    let best: { like: string; share: number } | undefined;
    for (const like of graph.files.keys()) {
      const other = wordsOfName(like);
      const common = words.filter((word) => other.includes(word)).length;
      const alike = common / Math.max(words.length, other.length);
      if (words.length > 2 && alike >= 0.6 && alike > (best?.share ?? 0)) best = { like, share: alike };
    }
    if (best !== undefined && !sights.has(best.like))
      sights.set(best.like, {
        weight: share.renamed * best.share,
        how: `is named like ${name} of the trace, which this release does not have`,
      });
  }
}

function wordsOfName(name: string): string[] {
  return name.split("_").flatMap((word) => (word === "" ? [] : [word.replace(/s$/, "")]));
}

/** A driver's copy of a core function for older kernels: the frame is the kernel's own. */
function isCompat(name: string, graph: CallGraph): boolean {
  return /compat/i.test(graph.files.get(name) ?? "");
}

function stacksOf({ events = [], memleak = [], held = [] }: Evidence): Named[][] {
  const fromLog = events.flatMap((event) => {
    const whole = event.index === 0 ? 1 : share.laterEvent;
    const heads = [event.ip?.function, event.workFunction, event.named].flatMap((name) =>
      name === undefined ? [] : [{ function: name, share: whole, how: "is where it went wrong" }],
    );
    const kinds = [...new Set(event.frames.map((frame) => frame.stack))];
    const stacks = kinds.map((kind) =>
      event.frames.filter((frame) => frame.stack === kind).map((frame) => ofFrame(frame, whole)),
    );
    return [heads, ...stacks];
  });
  const fromMemleak = memleak.flatMap((print) =>
    print.stacks.map((stack) =>
      stack.frames.map((frame) => ({
        function: frame.function,
        module: frame.module,
        share: share.outstanding,
        how: "allocates memory that was outstanding",
      })),
    ),
  );
  const fromKernel = held.map(({ source, frames }) =>
    frames.map((frame) => ({
      function: frame.function,
      module: frame.module,
      share: heldShare[source].share,
      how: heldShare[source].how,
    })),
  );
  return [...fromLog, ...fromMemleak, ...fromKernel];
}

function ofFrame(frame: StackFrame, whole: number): Named {
  const { function: name, module, stack } = frame;
  if (!frame.reliable)
    return { function: name, module, share: share.uncertain, how: "is left over on the trace's stack" };
  if (stack === "freed")
    return { function: name, module, share: whole * share.freed, how: "freed the memory" };
  if (stack === "allocated")
    return { function: name, module, share: whole * share.allocated, how: "allocated the memory" };
  return { function: name, module, share: whole, how: "stands in the trace itself" };
}

/** A frame in any spelling, also those of other kernels and of debuggers: `f+0x50(ffff...)`, `at f+0x149`. */
const anyFrame = /(\? )?\b([A-Za-z_][\w.]*)\+0x[0-9a-f]+(?:\/0x[0-9a-f]+)?(?:\s+\[([\w-]+))?/g;

/** Frames of a log that has lost the headline which would make them an event, or that no Linux kernel printed. */
function strayFrames({ text, evidence: { events = [], memleak = [], held = [] } }: Trace): Named[] {
  if (memleak.length > 0) return [];
  const known = new Set([...events, ...held].flatMap(({ frames }) => frames.map((frame) => frame.function)));
  return [...text.matchAll(anyFrame)].flatMap(([, stale, symbol, module]) => {
    const name = stripSuffixes(symbol ?? "");
    if (known.has(name)) return [];
    const whole = stale !== undefined ? share.uncertain : known.size > 0 ? share.laterEvent : 1;
    const how = stale === undefined ? "stands in the trace itself" : "is left over on the trace's stack";
    return [{ function: name, module, share: whole, how }];
  });
}

/** `ASSERTION( x ) failed` in `(file.c:12:f())`, `PANIC at file.c:12:f()`: there it went wrong. */
function failedAssertion({ text }: Trace): Named[] {
  return text.split("\n").flatMap((line) => {
    if (!/ASSERTION|LBUG|PANIC|VERIFY|BUG/.test(line)) return [];
    return [...line.matchAll(/\.c:\d+:(\w+)\(\)/g)].map(([, name]) => ({
      function: name ?? "",
      module: "?",
      share: 1,
      how: "is where it went wrong",
    }));
  });
}

/** Names of the driver's functions in messages: `ASSERTION( rc == 0 ) failed in f`, `(file.c:12:f())`. */
function worded({ text, evidence }: Trace, graph: CallGraph): Named[] {
  if (evidence.memleak !== undefined) return [];
  const lines = text
    .split("\n")
    .filter((line) => !line.includes("+0x") && !line.startsWith("Modules linked"));
  const names = new Set(lines.flatMap((line) => line.match(/[a-z]\w*_\w+/g) ?? []));
  return [...names]
    .filter((name) => graph.files.has(name))
    .map((name) => ({ function: name, module: "?", share: share.worded, how: "is named in a message" }));
}
