// What a filter of `diff` names has to exist: an empty answer to a mistyped word would read as "nothing changed".
import { matches } from "../changes/filter-changes.js";
import type { UnitChange } from "../changes/change-set.js";
import { usageFault } from "../fault/fault.js";
import type { Tree } from "../history/trees.js";
import { isUnder } from "./differing.js";

/** Throws a usage fault when none of the trees has such a folder or file. */
export function checkPath(path: string | undefined, trees: readonly Tree[]): void {
  if (path === undefined) return;
  const isThere = trees.some(({ files }) => [...files.keys()].some((name) => isUnder(name, path)));
  if (!isThere) throw usageFault(`neither side has a folder or file "${path}"`);
}

/** Throws a usage fault when neither the catalog nor a changed unit has such a topic. */
export function checkTopic(
  topic: string | undefined,
  known: Iterable<string>,
  units: readonly UnitChange[],
): void {
  const all = [...new Set([...known, ...units.flatMap(({ topics }) => topics)])].sort();
  if (topic === undefined || all.some((name) => matches(topic, name))) return;
  throw usageFault(
    `there is no topic "${topic}"`,
    all.length > 0 ? `the topics are ${all.join(", ")}` : "topics come from a catalog: --driver",
  );
}
