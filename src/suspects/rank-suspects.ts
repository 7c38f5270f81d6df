// The changes between a good and a bad release, crossed with what was seen: which function to read first.
import type { ChangeSet, UnitChange } from "../changes/change-set.js";
import type { SourceFile } from "../source/source-file.js";
import type { CallGraph } from "./call-graph.js";
import { dependentsOf, type Dependent } from "./dependents.js";
import { goneIn, refixesOf, shapePoints, type Refix } from "./fix-forward.js";
import { foreignTo } from "./foreign-files.js";
import { halfTaken, siblingFunctions } from "./half-taken.js";
import { leftOutPlaces } from "./left-out.js";
import { printersOf } from "./messages.js";
import { notYetRun } from "./not-yet-run.js";
import { reachFrom, reachFromOutside } from "./reach.js";
import { sightsOf, type Sight, type Trace } from "./sights.js";
import { signals } from "./signals/all-signals.js";
import type { Candidate, Reason, SuspectContext } from "./signals/signal.js";
import { usualLines } from "./signals/size.js";
import { sweepsAmong } from "./sweeps.js";
import { subjectOf } from "./symptom-subject.js";

export interface Suspect {
  /** From 1. */
  rank: number;
  name: string;
  file: string;
  /** The sum of its reasons' points: one more is twice as likely. Only differences mean something. */
  score: number;
  reasons: Reason[];
  /** From a function of the trace to this one; empty when none leads here. */
  path: string[];
  /** The lines that only one release has, with - and +. */
  lines: string;
}

export interface Clues {
  /** Good to bad. */
  changes: Pick<ChangeSet, "units">;
  /** Of the bad tree. */
  graph: CallGraph;
  traces: readonly Trace[];
  /** Bad to the release that is good again. */
  fix?: Pick<ChangeSet, "units">;
  /** A driver that shares code with this one: the kernel's own copy, or another of the vendor. */
  sibling?: readonly SourceFile[];
}

export interface Suspicion {
  suspects: Suspect[];
  dependents: Dependent[];
  /** Functions of the tree that the traces name; 0 means that the traces said nothing about this driver. */
  sighted: number;
  /** How many of the suspects the fixed release changes again; undefined when none is known. */
  changedAgain?: number;
}

/** Ranks every function that was added or whose code changed. Pure; without evidence only the change itself speaks. */
export function rankSuspects(clues: Clues): Suspect[] {
  return findSuspects(clues).suspects;
}

/** The ranked changed functions, and the unchanged ones that depend on a changed contract. */
export function findSuspects(clues: Clues): Suspicion {
  const candidates = candidatesOf(clues);
  const context = contextOf(clues, candidates);
  const suspects = candidates
    .map((candidate) => suspectOf(candidate, context))
    .sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1))
    .map((suspect, index) => ({ rank: index + 1, ...suspect }));
  const { changes, graph, fix } = clues;
  const known = { reach: context.reach, ...(fix === undefined ? {} : { fix }) };
  return {
    suspects,
    dependents: dependentsOf(changes, graph, known),
    sighted: context.sights.size,
    ...(fix === undefined
      ? {}
      : { changedAgain: candidates.filter(({ refix }) => refix !== undefined).length }),
  };
}

function suspectOf(candidate: Candidate, context: SuspectContext): Omit<Suspect, "rank"> {
  const { change, added, removed } = candidate;
  const reasons = signals.flatMap((signal) => signal(candidate, context) ?? []);
  return {
    name: change.name,
    file: change.file,
    score: Math.round(reasons.reduce((sum, { points }) => sum + points, 0) * 1000) / 1000,
    reasons,
    path: context.reach.get(change.name)?.path ?? [],
    lines: [...removed.map((line) => `-${line}`), ...added.map((line) => `+${line}`)].join("\n"),
  };
}

function candidatesOf({ changes, fix, graph, sibling }: Clues): Candidate[] {
  const counterpart = siblingFunctions(sibling ?? []);
  const left = leftOutPlaces(changes.units, graph);
  const changed = changes.units.filter(isCandidate);
  const fixes = fix?.units.filter(isCandidate) ?? [];
  const isSweep = sweepsAmong(changed);
  const refixes = refixesOf(changed, fixes);
  const isGone = goneIn(fix?.units ?? []);
  return changed.map((change) => {
    const other = counterpart(change.name);
    return {
      change,
      ...changedLines(change),
      isSweep: isSweep(change),
      refix: refixes.get(change),
      isGone: isGone(change),
      halfTaken: other === undefined ? undefined : halfTaken(change, other),
      leftOut: left.get(change.name),
    };
  });
}

function isCandidate({ kind, status, classes, newText, oldText }: UnitChange): boolean {
  if (kind !== "function" || status === "removed" || newText === oldText) return false;
  return !classes.some((name) => name === "comment-only" || name === "whitespace-only");
}

/** The lines that only one side has. */
function changedLines({ oldText, newText }: UnitChange): { removed: string[]; added: string[] } {
  const [before, after] = [oldText.split("\n"), newText.split("\n")];
  const [had, has] = [new Set(before.map((l) => l.trim())), new Set(after.map((l) => l.trim()))];
  return {
    removed: before.filter((line) => line.trim() !== "" && !has.has(line.trim())),
    added: after.filter((line) => line.trim() !== "" && !had.has(line.trim())),
  };
}

function contextOf({ graph, traces, fix }: Clues, candidates: readonly Candidate[]): SuspectContext {
  const { own: sights, others, inside } = sightsOf(traces, graph);
  addPrinters(
    sights,
    printersOf(
      traces.map(({ text }) => text),
      graph.sources,
    ),
  );
  const weights = new Map([...sights].map(([name, { weight }]) => [name, weight]));
  const reach = reachFrom(weights, graph, notYetRun(inside, graph));
  reachFromOutside(reach, others, graph);
  const refixes = candidates.flatMap(({ refix }) => refix ?? []);
  return {
    sights,
    reach,
    added: new Set(candidates.flatMap(({ change }) => (change.status === "added" ? [change.name] : []))),
    fileWeights: heaviestPerFile(sights, graph),
    subject: subjectOf(traces),
    programs: traces.length === 0 ? new Set() : programFiles(graph),
    isForeign: foreignTo(traces),
    graph,
    rarity: rarityOf(sights, traces, graph),
    fix:
      fix === undefined
        ? undefined
        : { share: (refixes.length + 1) / (candidates.length + 2), usual: usual(refixes) },
    usualLines: usualLines(candidates.map(({ change }) => change.linesAdded + change.linesRemoved)),
  };
}

/** That a message was printed says that its function ran, not that it is where it went wrong. */
const printed = 0.7;

function addPrinters(sights: Map<string, Sight>, printers: ReadonlyMap<string, string>): void {
  for (const [name, text] of printers)
    if ((sights.get(name)?.weight ?? 0) < printed)
      sights.set(name, { weight: printed, how: `printed "${text}"` });
}

function rarityOf(
  sights: ReadonlyMap<string, Sight>,
  traces: readonly Trace[],
  graph: CallGraph,
): (word: string) => number {
  const uses = new Map<string, number>();
  for (const words of graph.words.values())
    for (const word of words) uses.set(word, (uses.get(word) ?? 0) + 1);
  const seen = new Map<string, number>();
  for (const [name, { weight }] of sights)
    for (const word of graph.words.get(name) ?? []) seen.set(word, Math.max(weight, seen.get(word) ?? 0));
  for (const word of traces.flatMap(({ text }) => messageWords(text))) seen.set(word, 1);
  const all = graph.words.size;
  return (word) => {
    const weight = seen.get(word);
    const count = uses.get(word) ?? all;
    return weight === undefined || count > 0.02 * all + 4 ? 0 : (weight * Math.log2(all / count)) / 8;
  };
}

/** Words of a failed condition or message: `zv->zv_objset->os_dsl_dataset->ds_owner == zv`. */
function messageWords(text: string): string[] {
  return text
    .split("\n")
    .filter(
      (line) =>
        !line.includes("+0x") && !/^\W*(?:Modules linked|CPU:|Hardware|Code:|R[A-Z0-9]{2}:)/.test(line),
    )
    .flatMap((line) => line.match(/[a-z]\w*_\w+/g) ?? []);
}

/** The mean of their factors, so that together they are as likely as the fix to be made in place. */
function usual(refixes: readonly Refix[]): number {
  const factors = refixes.map((refix) => 2 ** shapePoints(refix));
  return Math.log2(factors.reduce((sum, factor) => sum + factor, 0) / Math.max(1, factors.length));
}

/** Headers of the C library that no kernel code includes, unless it is also built as a program. */
const library = /^[ \t]*#[ \t]*include[ \t]*<(?:stdio|stdlib|unistd|getopt|pthread)\.h>/m;
const kernel = /_KERNEL(?:__)?\b|^[ \t]*#[ \t]*include[ \t]*<linux\/(?:module|kernel|slab|sched)\.h>/m;

function programFiles({ sources }: CallGraph): Set<string> {
  const programs = sources.filter(({ text }) => library.test(text) && !kernel.test(text));
  return new Set(programs.map(({ path }) => path));
}

function heaviestPerFile(sights: ReadonlyMap<string, Sight>, graph: CallGraph): Map<string, number> {
  const heaviest = new Map<string, number>();
  for (const [name, { weight }] of sights) {
    const file = graph.files.get(name);
    if (file !== undefined) heaviest.set(file, Math.max(weight, heaviest.get(file) ?? 0));
  }
  return heaviest;
}
