// The changed functions, each with what the signals look at.
import type { UnitChange } from "../changes/change-set.js";
import type { Clues } from "./clues.js";
import { goneIn, refixesOf } from "./fix-forward.js";
import { halfTaken, siblingFunctions } from "./half-taken.js";
import { leftOutPlaces } from "./left-out.js";
import type { Candidate } from "./signals/signal.js";
import { sweepsAmong } from "./sweeps.js";

/** Every function that was added or whose code changed, with what the fixed release and a sibling have of it. */
export function candidatesOf({ changes, fix, graph, sibling }: Clues): Candidate[] {
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
