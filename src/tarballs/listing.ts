// What an archive held becomes a tree of files: its top folder off, its links resolved or refused.
import { problemOfLink } from "./check-links.js";
import { problemOfPaths } from "./check-names.js";
import type { RawEntry } from "./entry.js";

/** What 32 bits hold (2106): git refuses later dates, and so do many readers. */
const LATEST_TIME = 2 ** 32 - 1;

export interface ArchiveFile<Kept> {
  /** Without the archive's top folder. */
  path: string;
  /** As git writes it: 100644, 100755, 120000. */
  mode: string;
  kept: Kept;
  /** In seconds since 1970. */
  modifiedAt: number;
}

/** An entry that was looked at; `kept` stands for its content and is undefined for folders, hard links and what was skipped. */
export interface Seen<Kept> {
  entry: Omit<RawEntry, "content">;
  kept: Kept | undefined;
}

export interface Tree<Kept> {
  files: ArchiveFile<Kept>[];
  /** The newest file's time, in seconds since 1970. */
  newest: number;
  /** "i40e-2.13.10", or "" when the files stand at the top. */
  topFolder: string;
}

/** Throws, as the second half of a sentence, where the entries are no tree of their own. */
export function toTree<Kept>(seen: readonly Seen<Kept>[]): Tree<Kept> {
  const leaves = seen.filter(({ entry }) => entry.kind !== "folder");
  if (leaves.length === 0) throw new Error("holds no file");
  const topFolder = topFolderOf(leaves.map(({ entry }) => entry.name));
  const strip = (name: string): string =>
    topFolder && name.startsWith(`${topFolder}/`) ? name.slice(topFolder.length + 1) : name;
  const problem = problemOfPaths(leaves.map(({ entry }) => strip(entry.name)));
  if (problem) throw new Error(problem);
  refuseLinks(leaves, strip);
  const byName = new Map(leaves.map((leaf) => [leaf.entry.name, leaf]));
  const files = leaves.map((leaf) => {
    const path = strip(leaf.entry.name);
    const { entry, kept } = linked(leaf, byName);
    if (kept === undefined) throw new Error(`holds the hard link ${JSON.stringify(path)} to nothing in it`);
    const modifiedAt = Math.min(Math.max(entry.modifiedAt, 0), LATEST_TIME);
    return { path, mode: modeOf(entry), kept, modifiedAt };
  });
  return { files, topFolder, newest: files.reduce((latest, file) => Math.max(latest, file.modifiedAt), 0) };
}

function refuseLinks<Kept>(leaves: readonly Seen<Kept>[], strip: (name: string) => string): void {
  const symlinks = leaves.filter(({ entry }) => entry.kind === "symlink");
  const targets = new Map(symlinks.map(({ entry }) => [strip(entry.name), entry.target]));
  for (const path of targets.keys()) {
    const problem = problemOfLink(path, targets);
    if (problem) throw new Error(problem);
  }
}

/** What a hard link names, itself perhaps a hard link; the leaf itself when it is none. */
function linked<Kept>(leaf: Seen<Kept>, byName: ReadonlyMap<string, Seen<Kept>>): Seen<Kept> {
  let at = leaf;
  for (let hops = 0; at.entry.kind === "hardlink" && hops < byName.size; hops++) {
    const next = byName.get(at.entry.target);
    if (next === undefined) break;
    at = next;
  }
  return at;
}

function topFolderOf(names: readonly string[]): string {
  const top = names[0]!.split("/")[0]!;
  return names.every((name) => name.startsWith(`${top}/`)) ? top : "";
}

function modeOf(entry: { kind: RawEntry["kind"]; permissions: number }): string {
  if (entry.kind === "symlink") return "120000";
  return entry.permissions & 0o100 ? "100755" : "100644";
}
