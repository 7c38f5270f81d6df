// The suspects, and which changes are shown because of them. With nothing that points at a function, every choice of
// functions would be one of ours.
import type { ChangeSet, UnitChange } from "../changes/change-set.js";
import type { Suspect } from "../suspects/rank-suspects.js";
import type { CulpritFacts, ReportFacts } from "./assemble-report.js";
import { unitOf } from "./changes-part.js";
import { failureTexts } from "./failure-texts.js";
import { partialPatch } from "./partial-patch.js";
import type { Report } from "./report-shape.js";

const mostSuspects = 20;
const patchLines = 120;
/** A suspect that is so many factors of two less likely than the first is not in the patch. */
const farBehind = 4;
const culpritLines = 300;
const mostUnits = 400;
const fixLines = 60;

export function suspectsOf({ suspects, changes }: ReportFacts): Report["suspects"] {
  return suspects.slice(0, mostSuspects).map((suspect) => suspectOf(suspect, changes));
}

function suspectOf(suspect: Suspect, changes: ChangeSet): Report["suspects"][number] {
  const { rank, name, file, score, reasons } = suspect;
  const unit = unitOf(suspect, changes);
  const line = (unit?.newSpan ?? unit?.oldSpan)?.startLine;
  return {
    rank,
    name,
    file,
    ...(line === undefined ? {} : { line }),
    score,
    reasons: reasons.map(({ signal, points, text }) => ({ signal, points, text })),
    linesAdded: unit?.linesAdded ?? 0,
    linesRemoved: unit?.linesRemoved ?? 0,
  };
}

/**
 * The changes that a page shows as diffs: what a culprit changed, else the suspects' functions, the first one first; with
 * nothing that points at a function, every function in the order of the files.
 */
export function unitsToShow(facts: ReportFacts): UnitChange[] {
  const { changes, suspects, culprit } = facts;
  const withLines = changes.units.filter((unit) => unit.linesAdded + unit.linesRemoved > 0);
  if (culprit === undefined && !pointsAtFunctions(facts))
    return withLines.filter(({ kind }) => kind === "function").slice(0, mostUnits);
  const first = suspects.slice(0, mostSuspects).flatMap((suspect) => unitOf(suspect, changes) ?? []);
  if (culprit === undefined) return first;
  return [...first, ...withLines.filter((unit) => !first.includes(unit))].slice(0, mostUnits);
}

function pointsAtFunctions(facts: ReportFacts): boolean {
  return (
    facts.fixed !== undefined ||
    failureTexts(facts).some(
      ({ evidence }) => (evidence.events?.length ?? 0) + (evidence.memleak?.length ?? 0) > 0,
    )
  );
}

/** What the culprit changed, when a reader can take it in; else what the first suspects changed. */
export function patchOf(facts: ReportFacts): Report["patch"] {
  const { culprit, changes } = facts;
  return culprit === undefined || isLong(culprit.diff) ? suspectPatch(facts) : culpritPatch(culprit, changes);
}

function isLong(diff: string): boolean {
  return diff.split("\n").length > culpritLines;
}

function culpritPatch({ diff, label, parent }: CulpritFacts, changes: ChangeSet): Report["patch"] {
  const functions = changes.units.filter((unit) => unit.kind === "function").map(({ name }) => name);
  return { about: `what ${label} changed`, base: parent, text: diff, functions: [...new Set(functions)] };
}

/** With nothing that points at a function, every choice of functions would be one of ours, so there is none. */
function suspectPatch(facts: ReportFacts): Report["patch"] {
  if (!pointsAtFunctions(facts)) return undefined;
  const { suspects, changes, oldFiles, old } = facts;
  const best = suspects[0]?.score ?? 0;
  const first = suspects
    .slice(0, 5)
    .filter(({ score }) => score >= best - farBehind)
    .flatMap((suspect) => unitOf(suspect, changes) ?? []);
  const patch = partialPatch(first, oldFiles, patchLines);
  if (patch === undefined) return undefined;
  return { about: "the changes of the first suspects", base: old.label, ...patch };
}

/** What the fixed release changes in the first suspect, where the ranking points at one. */
export function fixOf({ suspects, fix, changes }: ReportFacts): Report["fix"] {
  const again = fix?.changes.units.find(
    ({ kind, name, file }) => kind === "function" && name === suspects[0]?.name && file === suspects[0].file,
  );
  const patch = again === undefined ? undefined : partialPatch([again], fix!.oldFiles, fixLines);
  return patch === undefined ? undefined : { function: again!.name, base: changes.new, text: patch.text };
}

export function knownOf({ fixed }: ReportFacts, hasTraces: boolean): string {
  if (hasTraces && fixed !== undefined) return `the kernel logs and the fixed release ${fixed.label}`;
  if (hasTraces) return "the kernel logs";
  if (fixed !== undefined) return `what ${fixed.label} changed again`;
  return "size and kind of the change alone, which says next to nothing";
}
