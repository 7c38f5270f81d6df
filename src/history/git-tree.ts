// A commit's files from raw tree objects, a level of folders at a time.
import type { GitObject, GitObjects } from "./git-objects.js";

/** A file as git names it: its blob id and its mode. */
export interface TreeFile {
  /** Git's blob id (SHA-1 over the content): equal ids are equal content, wherever the tree came from. */
  id: string;
  /** As git writes it: 100644, 100755, 120000. */
  mode: string;
}

interface Entry extends TreeFile {
  name: string;
}

const folderMode = "40000";
const submoduleMode = "160000";

/** The files under a tree object by path, in git's order; submodules have no files here. */
export async function filesOfTree(root: GitObject, objects: GitObjects): Promise<Map<string, TreeFile>> {
  const entriesOf = new Map([[root.id, parseTree(root)]]);
  let level = foldersIn(entriesOf.get(root.id)!);
  while (level.length > 0) {
    const fresh = [...new Set(level)].filter((id) => !entriesOf.has(id));
    const trees = await Promise.all(fresh.map((id) => objects.get(id)));
    level = trees.flatMap((tree) => {
      if (tree === undefined) return [];
      const entries = parseTree(tree);
      entriesOf.set(tree.id, entries);
      return foldersIn(entries);
    });
  }
  const files = new Map<string, TreeFile>();
  const add = (id: string, prefix: string): void => {
    for (const { name, mode, id: own } of entriesOf.get(id) ?? [])
      if (mode === folderMode) add(own, `${prefix}${name}/`);
      else if (mode !== submoduleMode) files.set(prefix + name, { id: own, mode });
  };
  add(root.id, "");
  return files;
}

function foldersIn(entries: readonly Entry[]): string[] {
  return entries.flatMap(({ mode, id }) => (mode === folderMode ? [id] : []));
}

/** `MODE NAME\0` and the raw id, again and again (gitformat: tree objects). */
function parseTree({ id, content }: GitObject): Entry[] {
  const idBytes = id.length / 2;
  const entries: Entry[] = [];
  for (let at = 0; at < content.length;) {
    const blank = content.indexOf(32, at);
    const zero = content.indexOf(0, blank);
    if (blank < 0 || zero < 0) break;
    entries.push({
      mode: content.toString("latin1", at, blank),
      name: content.toString("utf8", blank + 1, zero),
      id: content.toString("hex", zero + 1, zero + 1 + idBytes),
    });
    at = zero + 1 + idBytes;
  }
  return entries;
}
