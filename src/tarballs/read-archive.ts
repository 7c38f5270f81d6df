// An archive as a listing of checked files. Its contents are handed over one at a time and never all held.
import { messageOf } from "../fault/fault.js";
import { archiveFault } from "./archive-fault.js";
import { bareName, problemOfContent, problemOfName } from "./check-names.js";
import type { RawEntry } from "./entry.js";
import { defaultLimits, type ArchiveLimits } from "./limits.js";
import { toTree, type Seen, type Tree } from "./listing.js";
import { readEntries } from "./read-entries.js";

export type { ArchiveFile } from "./listing.js";

export interface ArchiveListing<Kept> extends Tree<Kept> {
  /** Of the archive, hex. */
  sha256: string;
}

export interface ReadOptions<Kept> {
  limits?: ArchiveLimits;
  /**
   * Called once per file with its content (of a symlink: its target); what it returns stands in the listing. The
   * bytes are a window on a larger buffer: to hold them, copy them.
   */
  keep: (content: Buffer) => Kept;
  /** Whether a file (by its name in the archive, top folder and all) is looked at; by default each is. */
  wants?: (name: string) => boolean;
}

/**
 * Reads a whole archive: tar (plain, gzip, bzip2, xz, zstd), zip, or a tar inside a zip. Throws a harness fault with
 * one sentence for anything that is broken or hostile.
 */
export async function readArchive<Kept>(
  path: string,
  { limits = defaultLimits, keep, wants = () => true }: ReadOptions<Kept>,
): Promise<ArchiveListing<Kept>> {
  const seen: Seen<Kept>[] = [];
  const take = (entry: RawEntry): void => {
    const name = bareName(entry.name);
    if ((name === "" && entry.kind === "folder") || !wants(name)) return;
    const problem = problemOfName(name, limits.nameBytes) ?? problemOfContent(name, entry.content);
    if (problem) throw new Error(problem);
    const { content, ...rest } = { ...entry, name, target: linkTarget(entry) };
    const isLeaf = entry.kind === "file" || entry.kind === "symlink";
    const kept = isLeaf ? keep(entry.kind === "symlink" ? Buffer.from(entry.target) : content) : undefined;
    seen.push({ entry: rest, kept });
  };
  try {
    const sha256 = await readEntries(path, limits, { wants: (name) => wants(bareName(name)), take });
    return { ...toTree(seen), sha256 };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") throw error;
    throw archiveFault(path, problemText(error), error);
  }
}

function linkTarget({ kind, target }: RawEntry): string {
  return kind === "hardlink" ? bareName(target) : target;
}

/** Libraries' errors become the second half of our sentence; our own are one already. */
function problemText(error: unknown): string {
  const text = messageOf(error);
  if (/^(holds|unpacks|is) /.test(text)) return text;
  if (/unexpected end|unexpected EOF|ended prematurely|truncated|error code 8$/i.test(text))
    return `is cut short (${text})`;
  return `is damaged (${text})`;
}
