import type { NamedTree } from "../changes/compare-trees.js";
import { countLines, type LineCounts } from "../changes/line-diff.js";
import type { Tree } from "../history/trees.js";
import { isSource } from "../source/is-source.js";
import type { SourceFile } from "../source/source-file.js";
import { decodeText } from "./decode-text.js";
import { differing } from "./differing.js";
import type { SourceIndex } from "./source-index.js";

/** What a link holds is a path, not code. */
const linkMode = "120000";

/**
 * The files of two trees that differ, as texts; what is the same on both sides is left out and not read. `path` keeps
 * one folder or file. Lines are counted, and with an index C files scanned (or looked up), while git unpacks the next ones.
 */
export async function readDifferingTrees(
  before: Tree,
  after: Tree,
  { path, index }: { path?: string | undefined; index?: SourceIndex | undefined } = {},
): Promise<{ before: NamedTree; after: NamedTree }> {
  const [old, current] = [new Reading(before, index), new Reading(after, index)];
  const [gone, fresh] = [differing(before, after, path), differing(after, before, path)];
  for (const name of gone) old.files.set(name, "");
  for (const name of fresh) current.files.set(name, "");
  const names = [...new Set([...gone, ...fresh])].sort();
  const counts = new Map<string, LineCounts>();
  const readBoth = async (name: string): Promise<void> => {
    await Promise.all([old.read(name), current.read(name)]);
    const [was, is] = [old.files.get(name), current.files.get(name)];
    if (was !== undefined && is !== undefined) counts.set(name, countLines(was, is));
  };
  await Promise.all(names.map(readBoth));
  return { before: old, after: Object.assign(current, { counted: (name: string) => counts.get(name) }) };
}

class Reading implements NamedTree {
  readonly name: string;
  readonly files = new Map<string, string>();
  private readonly sources = new Map<string, SourceFile>();

  constructor(
    private readonly tree: Tree,
    private readonly index: SourceIndex | undefined,
  ) {
    this.name = tree.label;
  }

  scan(path: string): SourceFile | undefined {
    return this.sources.get(path);
  }

  async read(path: string): Promise<void> {
    if (!this.files.has(path)) return;
    const text = decodeText(await this.tree.contentOf(path));
    this.files.set(path, text);
    if (this.tree.files.get(path)?.mode === linkMode)
      this.sources.set(path, { path, text, units: [], problems: [] });
    else if (this.index !== undefined && isSource(path))
      this.sources.set(path, this.index.sourceFrom(this.tree, path, text));
  }
}
