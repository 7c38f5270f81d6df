// What speaks for or against a changed function, one file per signal. Points are powers of two: +1 is twice as likely.
import type { UnitChange } from "../../changes/change-set.js";
import type { CallGraph } from "../call-graph.js";
import type { Refix } from "../fix-shape.js";
import type { HalfTaken } from "../half-taken.js";
import type { LeftOut } from "../left-out.js";
import type { Reach } from "../reach.js";
import type { Sight } from "../sights.js";
import type { Subject } from "../subjects.js";

/** A changed function with what the signals look at. */
export interface Candidate {
  change: UnitChange;
  /** The lines that only one release has. */
  removed: readonly string[];
  added: readonly string[];
  /** It has only words replaced that were replaced alike in many functions. */
  isSweep: boolean;
  refix: Refix | undefined;
  /** The fixed release does not have it any more. */
  isGone: boolean;
  halfTaken: HalfTaken | undefined;
  leftOut: LeftOut | undefined;
}

export interface SuspectContext {
  sights: ReadonlyMap<string, Sight>;
  reach: ReadonlyMap<string, Reach>;
  /** The functions that the bad release brought. */
  added: ReadonlySet<string>;
  /** The heaviest sight of each file. */
  fileWeights: ReadonlyMap<string, number>;
  subject: Subject | undefined;
  graph: CallGraph;
  /** How much a word ties to the functions of the trace: 0 for one that they do not use or that all use. */
  rarity: (word: string) => number;
  /** Undefined when no fixed release is known: the share of candidates that it changes again, and their usual points. */
  fix: { share: number; usual: number } | undefined;
  /** Files of programs beside the driver; empty when the symptoms are not a kernel's. */
  programs: ReadonlySet<string>;
  /** Files for another kernel than the one that printed the traces. */
  isForeign: (file: string) => boolean;
  /** Of the changes: what is near to the trace is measured against one number, what is far from it against another. */
  usualLines: { near: number; far: number };
}

export interface Reason {
  signal: string;
  points: number;
  text: string;
}

export type Signal = (candidate: Candidate, context: SuspectContext) => Reason | undefined;

export function reason(signal: string, points: number, text: string): Reason {
  return { signal, points: Math.round(points * 1000) / 1000, text };
}
