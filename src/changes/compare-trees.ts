// Two trees to what changed between them. Only files that differ are scanned.
import { isSource } from "../source/is-source.js";
import { readSource, type SourceFile } from "../source/source-file.js";
import type { ChangeSet, FileChange, UnitChange } from "./change-set.js";
import { classifyText } from "./classify.js";
import { countChanges } from "./count-changes.js";
import { differingUnits } from "./differing-units.js";
import { countLines, type LineCounts } from "./line-diff.js";
import { matchFiles, type FilePair, type SourceTree } from "./match-files.js";
import { matchUnits, placeUnits, type Placed } from "./match-units.js";
import { relateChanges } from "./related.js";
import { findRenames } from "./renames.js";
import { assignTopics, type TopicRules } from "./topics.js";
import { changedUnit, loneUnit, movedUnit, renamedUnit } from "./unit-change.js";

export interface NamedTree {
  /** As the user called it: a version, a tag, a path. */
  name: string;
  files: SourceTree;
  /** A file that was scanned already; the others are scanned here. */
  scan?: (path: string) => SourceFile | undefined;
  /** The changed lines of a file that both trees have, where they were counted already. */
  counted?: (path: string) => LineCounts | undefined;
}

/** What changed, by unit. Files that aren't C are compared by lines only, as `files`. */
export function compareTrees(before: NamedTree, after: NamedTree, topics: TopicRules = {}): ChangeSet {
  const pairs = matchFiles(before.files, after.files).filter((pair) =>
    differs(pair, before.files, after.files),
  );
  const files = pairs.map((pair) => fileChange(pair, before, after));
  const scanned = pairs
    .filter(({ oldPath, newPath }) => isSource(newPath ?? oldPath ?? ""))
    .map(({ oldPath, newPath }) => ({ old: scan(before, oldPath), new: scan(after, newPath) }));
  const sources = new Map(scanned.map((pair) => [(pair.new ?? pair.old)!.path, (pair.new ?? pair.old)!]));
  const related = relateChanges(unitChanges(scanned), sources.values());
  const units = assignTopics(related, topics, sources).sort(byPlace);
  return {
    schemaVersion: 1,
    old: before.name,
    new: after.name,
    totals: countChanges(files, units),
    files,
    units,
    problems: scanned.flatMap((pair) => [...(pair.old?.problems ?? []), ...(pair.new?.problems ?? [])]),
  };
}

interface ScannedPair {
  old: SourceFile | undefined;
  new: SourceFile | undefined;
}

function differs({ oldPath, newPath }: FilePair, before: SourceTree, after: SourceTree): boolean {
  if (oldPath !== newPath) return true;
  return before.get(oldPath ?? "") !== after.get(newPath ?? "");
}

function textIn({ files }: NamedTree, path: string | undefined): string {
  return path === undefined ? "" : (files.get(path) ?? "");
}

function scan(tree: NamedTree, path: string | undefined): SourceFile | undefined {
  return path === undefined ? undefined : (tree.scan?.(path) ?? readSource(textIn(tree, path), path));
}

function fileChange({ oldPath, newPath }: FilePair, before: NamedTree, after: NamedTree): FileChange {
  const counted = oldPath === newPath ? after.counted?.(newPath ?? "") : undefined;
  const { added, removed } = counted ?? countLines(textIn(before, oldPath), textIn(after, newPath));
  const file = newPath ?? oldPath ?? "";
  const status =
    oldPath === undefined
      ? "added"
      : newPath === undefined
        ? "removed"
        : oldPath === newPath
          ? "changed"
          : "moved";
  const lines = { linesAdded: added, linesRemoved: removed };
  return oldPath === undefined || oldPath === file
    ? { file, status, ...lines }
    : { file, oldFile: oldPath, status, ...lines };
}

function unitChanges(scanned: readonly ScannedPair[]): UnitChange[] {
  const changes: UnitChange[] = [];
  const gone: Placed[] = [];
  const fresh: Placed[] = [];
  for (const pair of scanned) {
    const { olds, news } =
      pair.old && pair.new
        ? differingUnits(pair.old, pair.new)
        : { olds: pair.old ? placeUnits(pair.old) : [], news: pair.new ? placeUnits(pair.new) : [] };
    const match = matchUnits(olds, news);
    for (const { before, after } of match.pairs) {
      const change = changedUnit(before, after);
      if (change !== undefined) changes.push(change);
    }
    for (const one of match.gone) gone.push(one);
    for (const one of match.fresh) fresh.push(one);
    changes.push(...otherChange(pair));
  }
  const moves = matchUnits(gone.filter(isMovable), fresh.filter(isMovable));
  for (const { before, after } of moves.pairs) changes.push(movedUnit(before, after));
  const renames = findRenames(moves.gone, moves.fresh);
  changes.push(...renames.map(renamedUnit));
  const renamed = new Set(renames.flatMap(({ before, after }) => [before, after]));
  for (const one of gone.filter((placed) => !isMovable(placed)).concat(moves.gone))
    if (!renamed.has(one)) changes.push(loneUnit("removed", one));
  for (const one of fresh.filter((placed) => !isMovable(placed)).concat(moves.fresh))
    if (!renamed.has(one)) changes.push(loneUnit("added", one));
  return changes;
}

/** An #include or a prototype in another file is not one that moved. */
function isMovable({ unit }: Placed): boolean {
  return unit.kind !== "include" && unit.kind !== "prototype" && unit.kind !== "invocation";
}

/** What stands outside units changed too: nothing is lost silently. */
function otherChange(pair: ScannedPair): UnitChange[] {
  if (pair.old === undefined || pair.new === undefined) return [];
  const [oldText, newText] = [betweenText(pair.old), betweenText(pair.new)];
  const kind = classifyText(oldText, newText);
  if (kind === undefined || (kind === "whitespace-only" && oldText.trim() === newText.trim())) return [];
  const { added, removed } = countLines(oldText, newText);
  const rest = { condition: "", topics: [], callers: [], callees: [], oldText, newText };
  const { path } = pair.new;
  const lines = { linesAdded: added, linesRemoved: removed };
  return [
    {
      kind: "other",
      name: "(outside units)",
      file: path,
      status: "changed",
      classes: [kind],
      ...lines,
      ...rest,
    },
  ];
}

function betweenText({ units, text }: SourceFile): string {
  const between: string[] = [];
  let at = 0;
  for (const { span } of units) {
    if (span.startOffset - at > 1 || text.charCodeAt(at) !== 10)
      between.push(text.slice(at, span.startOffset));
    else between.push("\n");
    at = span.endOffset;
  }
  between.push(text.slice(at));
  return between.join("").replace(/\n(?:[ \t]*\n)+/g, "\n");
}

function byPlace(a: UnitChange, b: UnitChange): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return Math.sign(startOf(a) - startOf(b)) || 0;
}

function startOf({ newSpan, oldSpan }: UnitChange): number {
  return (newSpan ?? oldSpan)?.startOffset ?? Infinity;
}
