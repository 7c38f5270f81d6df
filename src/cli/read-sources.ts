import type { Tree } from "../history/trees.js";
import { readSource, type SourceFile, type Unit } from "../source/source-file.js";
import { readTexts } from "./read-trees.js";

const isCode = /\.[chS]$/;

/** The C files of a tree that hold a text, scanned; every C file when no text is given. */
export async function readSources(tree: Tree, holding = ""): Promise<SourceFile[]> {
  const paths = [...tree.files].filter(([path, { mode }]) => isCode.test(path) && mode !== "120000");
  const texts = await readTexts(
    tree,
    paths.map(([path]) => path),
  );
  return [...texts]
    .filter(([, text]) => text.includes(holding))
    .map(([path, text]) => readSource(text, path));
}

/** Every definition of a name: functions first; other kinds only when there is no function. */
export function definitionsOf(
  name: string,
  sources: readonly SourceFile[],
): { file: SourceFile; unit: Unit }[] {
  const all = sources.flatMap((file) =>
    file.units
      .filter((unit) => unit.name === name || unit.alternatives.includes(name))
      .map((unit) => ({ file, unit })),
  );
  const functions = all.filter(({ unit }) => unit.kind === "function");
  return functions.length > 0 ? functions : all.filter(({ unit }) => unit.kind !== "prototype");
}
