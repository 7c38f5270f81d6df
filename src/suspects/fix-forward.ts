// What the first good release after the bad one changed again.
import type { UnitChange } from "../changes/change-set.js";
import { diffSequences, type Hunk } from "../changes/sequence-diff.js";
import { repairs, type Place, type Refix } from "./fix-shape.js";
import { sweepsAmong } from "./sweeps.js";

/** The functions that were changed from good to bad, and again from bad to fixed. */
export function refixesOf(
  changes: readonly UnitChange[],
  fixes: readonly UnitChange[],
): Map<UnitChange, Refix> {
  const again = new Map(fixes.map((fix) => [keyBefore(fix), fix]));
  const isSweep = sweepsAmong(fixes);
  const met = changes.flatMap((change) => {
    const fix = again.get(keyAfter(change));
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
  const gone = new Set(removed.map(keyBefore));
  return (change) => gone.has(keyAfter(change));
}

/**
 * A function as the bad release has it: drivers for several systems have one name in several files, and variants under #if
 * one name in one file.
 */
function keyAfter({ file, name, newText }: UnitChange): string {
  return `${file}:${name}:${newText}`;
}

function keyBefore({ file, oldFile = file, name, oldName = name, oldText }: UnitChange): string {
  return `${oldFile}:${oldName}:${oldText}`;
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
