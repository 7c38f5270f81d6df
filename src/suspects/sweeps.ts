// The same few words replaced in function after function: a member, a macro or a parameter got another name. Nobody
// wrote those edits one by one, and they say little about the function in which they stand.
import type { UnitChange } from "../changes/change-set.js";
import { diffSequences } from "../changes/sequence-diff.js";
import { codeTokens } from "../source/code-tokens.js";

/** Fewer functions can be alike because one mistake, or one repair, was made in each. */
const fewestFunctions = 5;
/** Whoever replaces more than this in one place has written it anew. */
const mostLines = 6;

/**
 * Tells the changes that are nothing but edits which many of these changes have in common. A function that is new, and
 * lines that were only added, are nobody's sweep.
 */
export function sweepsAmong(changes: readonly UnitChange[]): (change: UnitChange) => boolean {
  const edits = new Map(changes.map((change) => [change, editsOf(change)]));
  const functions = new Map<string, number>();
  for (const all of edits.values())
    for (const edit of new Set(all.flat())) functions.set(edit, (functions.get(edit) ?? 0) + 1);
  const isCommon = (edit: string): boolean => (functions.get(edit) ?? 0) >= fewestFunctions;
  return (change) => {
    const places = edits.get(change) ?? [];
    return places.length > 0 && places.every((place) => place.length > 0 && place.every(isCommon));
  };
}

/** For each place that changed, what was replaced by what; [] for a place that no replacement of words describes. */
function editsOf({ oldText, newText }: UnitChange): string[][] {
  if (oldText === "" || newText === "") return [];
  const [before, after] = [linesOf(oldText), linesOf(newText)];
  return diffSequences(before, after).map(({ oldStart, oldEnd, newStart, newEnd }) => {
    if (oldStart === oldEnd || Math.max(oldEnd - oldStart, newEnd - newStart) > mostLines) return [];
    return replacements(before.slice(oldStart, oldEnd).join("\n"), after.slice(newStart, newEnd).join("\n"));
  });
}

const name = /^[A-Za-z_]\w{2,}$/;

/** `->old` became `->new`: the names alone. What only came or went is told with its neighbours. */
function replacements(oldText: string, newText: string): string[] {
  const [had, has] = [codeTokens(oldText), codeTokens(newText)];
  return diffSequences(had, has).map(({ oldStart, oldEnd, newStart, newEnd }) => {
    const [from, to] = [had.slice(oldStart, oldEnd), has.slice(newStart, newEnd)];
    const named = from.some((word) => name.test(word)) && to.some((word) => name.test(word));
    const beside = named ? [] : [had[oldStart - 1] ?? "", had[oldEnd] ?? ""];
    return [...from, "=>", ...to, ...beside].join(" ");
  });
}

function linesOf(text: string): string[] {
  return text.split("\n").map((line) => line.trim());
}
