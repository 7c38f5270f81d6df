// Which of a history's releases a table is about: "2.12.6", "2.11.29..2.14.13", several of them with commas.
import { compareVersions } from "../catalog/version.js";
import { usageFault } from "../fault/fault.js";

/** The kernel's own driver, as a row of the table. */
export const inTree = "in-tree";

export interface ChosenReleases {
  /** In version order, each once. */
  releases: string[];
  inTree: boolean;
}

/**
 * `known` are the versions of the history. Left out, all of them are meant. Both ends of a range belong to it and must be
 * known: a mistyped end would leave out releases in silence. Usage fault: an unknown version.
 */
export function chooseReleases(text: string | undefined, known: readonly string[]): ChosenReleases {
  const words = text === undefined ? [] : text.split(",").map((word) => word.trim());
  const sorted = [...known].sort(compareVersions);
  const chosen = new Set(
    text === undefined
      ? sorted
      : words.filter((word) => word !== inTree).flatMap((word) => expand(word, sorted)),
  );
  return { releases: sorted.filter((version) => chosen.has(version)), inTree: words.includes(inTree) };
}

function expand(word: string, sorted: readonly string[]): string[] {
  const ends = word.split("..");
  if (ends.length > 2)
    throw usageFault(`"${word}" is no range of releases`, "write it like 2.11.29..2.14.13");
  const [from, to] = ends.map((end) => indexOf(end, sorted)) as [number, number?];
  if (to !== undefined && to < from)
    throw usageFault(`the range ${word} is empty: ${ends[1] ?? ""} is older than ${ends[0] ?? ""}`);
  return sorted.slice(from, (to ?? from) + 1);
}

function indexOf(word: string, sorted: readonly string[]): number {
  const version = word.replace(/^v(?=\d)/, "");
  const at = sorted.indexOf(version);
  if (at >= 0) return at;
  throw usageFault(
    `there is no release "${word}" in this history`,
    sorted.length === 0
      ? "tarbisect import makes a history of a driver's releases"
      : `it goes from ${sorted[0]} to ${sorted.at(-1)}; git tag lists all`,
  );
}
