import type { NamedTree } from "../changes/compare-trees.js";
import type { Tree } from "../history/trees.js";

/**
 * The files of two trees that differ, as texts; what is the same on both sides is left out. `path` keeps one folder
 * or file.
 */
export async function readDifferingTrees(
  before: Tree,
  after: Tree,
  path: string | undefined,
): Promise<{ before: NamedTree; after: NamedTree }> {
  const read = async (tree: Tree, other: Tree): Promise<NamedTree> => {
    const paths = [...tree.files]
      .filter(([name, { id }]) => other.files.get(name)?.id !== id && isUnder(name, path))
      .map(([name]) => name);
    return { name: tree.label, files: await readTexts(tree, paths) };
  };
  const [old, current] = await Promise.all([read(before, after), read(after, before)]);
  return { before: old, after: current };
}

/** These files as texts: UTF-8 where it is that, else each byte as one character. */
export async function readTexts(tree: Tree, paths: readonly string[]): Promise<Map<string, string>> {
  const contents = await tree.read(paths);
  return new Map([...contents].map(([path, content]) => [path, decode(content)]));
}

function isUnder(name: string, path: string | undefined): boolean {
  if (path === undefined) return true;
  const folder = path.replace(/^\.\//, "").replace(/\/+$/, "");
  return name === folder || name.startsWith(`${folder}/`);
}

function decode(content: Buffer): string {
  const text = content.toString("utf8");
  return text.includes("\ufffd") ? content.toString("latin1") : text;
}
