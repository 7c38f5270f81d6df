import type { NamedTree } from "../changes/compare-trees.js";
import type { Tree } from "../history/trees.js";
import { isSource, type SourceFile } from "../source/source-file.js";
import { decodeText } from "./decode-text.js";
import { differing } from "./differing.js";
import type { SourceIndex } from "./source-index.js";

/** What a link holds is a path, not code. */
const linkMode = "120000";

/**
 * The files of two trees that differ, as texts; what is the same on both sides is left out and not read. `path` keeps
 * one folder or file. With an index, C files are scanned (or looked up) while git unpacks the next ones.
 */
export async function readDifferingTrees(
  before: Tree,
  after: Tree,
  { path, index }: { path?: string | undefined; index?: SourceIndex | undefined } = {},
): Promise<{ before: NamedTree; after: NamedTree }> {
  const read = async (tree: Tree, other: Tree): Promise<NamedTree> => {
    const files = new Map<string, string>();
    const sources = new Map<string, SourceFile>();
    const readOne = async (name: string): Promise<void> => {
      const text = decodeText(await tree.contentOf(name));
      files.set(name, text);
      if (tree.files.get(name)?.mode === linkMode)
        sources.set(name, { path: name, text, units: [], problems: [] });
      else if (index !== undefined && isSource(name)) sources.set(name, index.sourceFrom(tree, name, text));
    };
    const paths = differing(tree, other, path);
    for (const name of paths) files.set(name, "");
    await Promise.all(paths.map(readOne));
    return { name: tree.label, files, scan: (name) => sources.get(name) };
  };
  const [old, current] = await Promise.all([read(before, after), read(after, before)]);
  return { before: old, after: current };
}
