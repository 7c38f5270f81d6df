// The changes between a good and a bad release, crossed with what was seen: which function to read first.
import type { ChangeSet, UnitChange } from "../changes/change-set.js";
import type { Evidence } from "../evidence/read-evidence.js";
import type { CallGraph } from "./call-graph.js";
import { refixOf, type Refix } from "./fix-forward.js";
import { frameWeights } from "./frame-weights.js";
import { lexiconOf } from "./lexicon.js";
import { reachFrom } from "./reach.js";
import { changedLines, signals, type Reason, type SuspectContext } from "./signals.js";

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
  changes: ChangeSet;
  /** Of the bad tree. */
  graph: CallGraph;
  evidence: readonly Evidence[];
  /** Bad to the release that is good again. */
  fix?: ChangeSet;
}

/** Ranks every function that was added or whose code changed. Pure; without evidence only the fix and newness speak. */
export function rankSuspects({ changes, graph, evidence, fix }: Clues): Suspect[] {
  const candidates = changes.units.filter(isCandidate);
  const weights = frameWeights(evidence, graph);
  const reach = reachFrom(weights, graph);
  const context: SuspectContext = {
    framesKnown: weights.size > 0,
    reach,
    fileWeights: heaviestPerFile(weights, graph),
    lexicon: lexiconOf(evidence),
    refixes: fix === undefined ? undefined : refixesOf(candidates, fix),
  };
  return candidates
    .map((change) => {
      const reasons = signals.flatMap((signal) => signal(change, context) ?? []);
      const score = Math.round(reasons.reduce((sum, { points }) => sum + points, 0) * 1000) / 1000;
      const path = reach.get(change.name)?.path ?? [];
      return { name: change.name, file: change.file, score, reasons, path, change };
    })
    .sort((a, b) => b.score - a.score || size(a.change) - size(b.change) || (a.name < b.name ? -1 : 1))
    .map(({ change, ...suspect }, index) => ({ rank: index + 1, ...suspect, lines: changedLines(change) }));
}

function isCandidate({ kind, status, classes, newText, oldText }: UnitChange): boolean {
  if (kind !== "function" || status === "removed" || newText === oldText) return false;
  return !classes.some((name) => name === "comment-only" || name === "whitespace-only");
}

function size(change: UnitChange): number {
  return change.linesAdded + change.linesRemoved;
}

function heaviestPerFile(weights: ReadonlyMap<string, number>, graph: CallGraph): Map<string, number> {
  const heaviest = new Map<string, number>();
  for (const [name, weight] of weights) {
    const file = graph.files.get(name);
    if (file !== undefined) heaviest.set(file, Math.max(weight, heaviest.get(file) ?? 0));
  }
  return heaviest;
}

function refixesOf(candidates: readonly UnitChange[], fix: ChangeSet): Map<UnitChange, Refix> {
  const fixes = new Map(fix.units.filter(isCandidate).map((unit) => [unit.oldName ?? unit.name, unit]));
  return new Map(
    candidates.flatMap((change) => {
      const again = fixes.get(change.name);
      return again === undefined ? [] : [[change, refixOf(change, again)] as const];
    }),
  );
}
