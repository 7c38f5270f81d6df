// What the first good release after the bad one changed again, and how well that suits a repair of the suspected change.
// The weights are log-odds of a conditional logit among the functions that a fixed release changed again, over fixes
// whose message names the commit that they repair (ARCHITECTURE.md says which).
import type { UnitChange } from "../changes/change-set.js";
import { diffSequences, type Hunk } from "../changes/sequence-diff.js";
import { sweepsAmong } from "./sweeps.js";

/** Where the fix is: on lines that the suspected change brought, right beside them, or further away. */
type Place = "on" | "beside" | "apart";

export interface Refix {
  place: Place;
  lines: number;
  returns: boolean;
  isSweep: boolean;
  /** What a repair of a crash brings and this one does, in words. */
  brings: readonly Repair[];
  /** Its rarest word that only one side of the fix has; undefined when it has none. */
  rarest: { word: string; functions: number } | undefined;
  /** The lines that only one side of the fix has, with - and +. */
  text: string;
}

interface Repair {
  about: string;
  words: RegExp;
  points: number;
}

const repairs: readonly Repair[] = [
  { about: "a way out", words: /\b(?:return|goto)\b/, points: 0.9 },
  {
    about: "a call that lets go",
    words: /(?:free|put|release|destroy|cancel|unregister|del)\w*\s*\(/,
    points: 1.2,
  },
  { about: "a lock or an order", words: /(?:lock|rcu_|atomic|barrier|synchronize)\w*\s*\(/, points: 0.8 },
  { about: "a check of a pointer", words: /\bNULL\b|!\w+\)|\bIS_ERR/, points: 0.6 },
];

const placePoints = { on: 2.6, beside: 1.3, apart: 0 } satisfies Record<Place, number>;
/** A repair stands in few functions; what came to many at once is an interface or a feature that moved on. */
const commonPoints = -0.7;
const sweepPoints = -1.9;
/** For each doubling: whoever writes much anew does more than repair. */
const linesPoints = -0.3;
const returnsPoints = 1;

/** How likely a fix of this shape is the repair of what it changes: powers of two, of which only ratios mean something. */
export function shapePoints({ place, rarest, lines, brings, isSweep, returns }: Refix): number {
  const common = commonPoints * Math.log2((1 + (rarest?.functions ?? 1)) / 2);
  const size = linesPoints * Math.log2(1 + lines);
  const repaired = brings.reduce((sum, { points }) => sum + points, 0);
  return (
    placePoints[place] +
    common +
    size +
    repaired +
    (isSweep ? sweepPoints : 0) +
    (returns ? returnsPoints : 0)
  );
}

/** The functions that were changed from good to bad, and again from bad to fixed. */
export function refixesOf(
  changes: readonly UnitChange[],
  fixes: readonly UnitChange[],
): Map<UnitChange, Refix> {
  const again = new Map(fixes.map((fix) => [keyOf(fix.oldFile ?? fix.file, fix.oldName ?? fix.name), fix]));
  const isSweep = sweepsAmong(fixes);
  const met = changes.flatMap((change) => {
    const fix = again.get(keyOf(change.file, change.name));
    return fix === undefined ? [] : [{ change, fix, ...meeting(change, fix) }];
  });
  const functions = new Map<string, number>();
  for (const { words } of met) for (const word of words) functions.set(word, (functions.get(word) ?? 0) + 1);
  return new Map(
    met.map(({ change, fix, words, ...refix }) => [
      change,
      { ...refix, isSweep: isSweep(fix), rarest: rarestOf(words, functions) },
    ]),
  );
}

/** Tells the functions that the fixed release does not have any more. */
export function goneIn(fixes: readonly UnitChange[]): (change: UnitChange) => boolean {
  const removed = fixes.filter(({ kind, status }) => kind === "function" && status === "removed");
  const gone = new Set(removed.map((fix) => keyOf(fix.oldFile ?? fix.file, fix.oldName ?? fix.name)));
  return ({ file, name }) => gone.has(keyOf(file, name));
}

/** In the bad release: drivers for several systems have one name in several files. */
function keyOf(file: string, name: string): string {
  return `${file}:${name}`;
}

function meeting(
  change: UnitChange,
  fix: UnitChange,
): Omit<Refix, "isSweep" | "rarest"> & { words: Set<string> } {
  const [bad, after] = [linesOf(change.newText), linesOf(fix.newText)];
  const repaired = diffSequences(bad, after);
  const isNew = change.oldText === "";
  const introduced = isNew ? [] : diffSequences(linesOf(change.oldText), bad);
  const taken = repaired.flatMap((hunk) => bad.slice(hunk.oldStart, hunk.oldEnd));
  const brought = repaired.flatMap((hunk) => after.slice(hunk.newStart, hunk.newEnd));
  return {
    place: isNew ? "on" : placeOf(introduced, repaired),
    lines: fix.linesAdded + fix.linesRemoved,
    returns: !isNew && squeeze(change.oldText) === squeeze(fix.newText),
    brings: repairs.filter(({ words }) => words.test(brought.join("\n")) && !words.test(taken.join("\n"))),
    text: [...taken.map((line) => `-${line}`), ...brought.map((line) => `+${line}`)].join("\n"),
    words: oneSided(wordsIn(taken), wordsIn(brought)),
  };
}

/** What was introduced ends where the repair begins: beside. What the repair takes out or is put into: on. */
function placeOf(introduced: readonly Hunk[], repaired: readonly Hunk[]): Place {
  const pairs = introduced.flatMap((a) => repaired.map((b) => [a, b] as const));
  if (pairs.some(([a, b]) => a.newStart < b.oldEnd && b.oldStart < a.newEnd)) return "on";
  return pairs.some(([a, b]) => a.newStart <= b.oldEnd && b.oldStart <= a.newEnd) ? "beside" : "apart";
}

function wordsIn(lines: readonly string[]): Set<string> {
  return new Set(lines.join("\n").match(/[A-Za-z_]\w{2,}/g));
}

function oneSided(a: ReadonlySet<string>, b: ReadonlySet<string>): Set<string> {
  return new Set([...[...a].filter((word) => !b.has(word)), ...[...b].filter((word) => !a.has(word))]);
}

/** Of those alike the longest, which tells most. */
function rarestOf(words: ReadonlySet<string>, functions: ReadonlyMap<string, number>): Refix["rarest"] {
  const [rarest] = [...words]
    .map((word) => ({ word, functions: functions.get(word) ?? 1 }))
    .sort((a, b) => a.functions - b.functions || b.word.length - a.word.length);
  return rarest;
}

function linesOf(text: string): string[] {
  return text.split("\n").map((line) => line.trim());
}

function squeeze(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
