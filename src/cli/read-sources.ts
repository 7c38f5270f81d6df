import type { Tree } from "../history/trees.js";
import { isSource } from "../source/is-source.js";
import type { SourceFile, SourceProblem, Unit } from "../source/source-file.js";
import type { SourceIndex } from "./source-index.js";

/** A file's units, without its text. */
export interface FileUnits {
  path: string;
  units: Unit[];
  problems: SourceProblem[];
}

/** The C files of a tree; links are no files of their own. */
export function codePaths(tree: Tree): string[] {
  return [...tree.files].flatMap(([path, { mode }]) => (isSource(path) && mode !== "120000" ? [path] : []));
}

/** The units of every C file of a tree. */
export function readUnits(tree: Tree, index: SourceIndex): Promise<FileUnits[]> {
  return Promise.all(
    codePaths(tree).map(async (path) => {
      const { units, problems } = await index.unitsOf(tree, path);
      return { path, units, problems: problems.map((problem) => ({ path, ...problem })) };
    }),
  );
}

/** Every definition of a name: functions first; other kinds only when there is no function. */
export async function definitionsOf(
  name: string,
  tree: Tree,
  index: SourceIndex,
): Promise<{ file: SourceFile; unit: Unit }[]> {
  const isNamed = (unit: Unit): boolean => unit.name === name || unit.alternatives.includes(name);
  const files = (await readUnits(tree, index)).filter(({ units }) => units.some(isNamed));
  const sources = await Promise.all(files.map(({ path }) => index.sourceOf(tree, path)));
  const all = sources.flatMap((file) => file.units.filter(isNamed).map((unit) => ({ file, unit })));
  const functions = all.filter(({ unit }) => unit.kind === "function");
  return functions.length > 0 ? functions : all.filter(({ unit }) => unit.kind !== "prototype");
}
