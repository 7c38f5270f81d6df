// The changes between a good and a bad release, crossed with what was seen: which function to read first.
import { candidatesOf } from "./candidates.js";
import type { Clues } from "./clues.js";
import { dependentsOf, type Dependent } from "./dependents.js";
import { signals } from "./signals/all-signals.js";
import type { Candidate, Reason, SuspectContext } from "./signals/signal.js";
import { contextOf } from "./suspect-context.js";

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
