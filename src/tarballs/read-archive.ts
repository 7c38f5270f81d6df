// An archive as a listing of checked files. Its contents are handed over one at a time and never all held.
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { PassThrough, type Readable } from "node:stream";
import { messageOf } from "../fault/fault.js";
import { archiveFault } from "./archive-fault.js";
import { problemOfContent, problemOfLink, problemOfName, problemOfPaths } from "./check-names.js";
import { compressionOf, decode } from "./decode.js";
import type { RawEntry } from "./entry.js";
import { defaultLimits, type ArchiveLimits } from "./limits.js";
import { readTar } from "./read-tar.js";
import { readZip } from "./read-zip.js";

export interface ArchiveFile<Kept> {
  /** Without the archive's top folder. */
  path: string;
  /** As git writes it: 100644, 100755, 120000. */
  mode: string;
  kept: Kept;
}

export interface ArchiveListing<Kept> {
  files: ArchiveFile<Kept>[];
  /** The newest file's time, in seconds since 1970. */
  newest: number;
  /** "i40e-2.13.10", or "" when the files stand at the top. */
  topFolder: string;
}

export interface ReadOptions<Kept> {
  limits?: ArchiveLimits;
  /** Called once per file with its content (of a symlink: its target); what it returns stands in the listing. */
  keep: (content: Buffer) => Kept;
  /** Reads only what lies below this folder, such as drivers/net/ethernet/intel/i40e. */
  within?: string;
}

interface Seen<Kept> {
  entry: Omit<RawEntry, "content">;
  kept: Kept | undefined;
}

/**
 * Reads a whole archive: tar (plain, gzip, bzip2, xz, zstd), zip, or a tar inside a zip. Throws a harness fault with
 * one sentence for anything that is broken or hostile.
 */
export async function readArchive<Kept>(
  path: string,
  options: ReadOptions<Kept>,
): Promise<ArchiveListing<Kept>> {
  const limits = options.limits ?? defaultLimits;
  const seen: Seen<Kept>[] = [];
  const guard = bombGuard((await stat(path)).size, limits);
  const take = (entry: RawEntry): void => {
    const name = entry.name.replace(/^(\.\/)+/, "").replace(/\/+$/, "");
    guard(entry.content.length);
    if (name === "" || name === ".") return;
    const problem = problemOfName(name, limits.nameBytes);
    if (problem) throw new Error(problem);
    const { content, ...rest } = { ...entry, name };
    const wanted = options.within === undefined || `${name}/`.includes(`/${options.within}/`);
    if (entry.kind === "folder" || !wanted) return void seen.push({ entry: rest, kept: undefined });
    const bad = problemOfContent(name, content);
    if (bad) throw new Error(bad);
    const isLink = entry.kind === "symlink";
    seen.push({
      entry: rest,
      kept:
        entry.kind === "hardlink" ? undefined : options.keep(isLink ? Buffer.from(entry.target) : content),
    });
  };
  try {
    await readEntries(path, limits, take);
    return toListing(seen, options.within);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") throw error;
    throw archiveFault(path, problemText(error), error);
  }
}

async function readEntries(
  path: string,
  limits: ArchiveLimits,
  take: (entry: RawEntry) => void,
): Promise<void> {
  const head = await headOf(path);
  if (head.toString("latin1", 0, 2) !== "PK")
    return readTar(
      decode(createReadStream(path, { highWaterMark: 1024 * 1024 }), compressionOf(head)),
      limits,
      take,
    );
  await readZip(path, limits, {
    take,
    takeTar: async (stream) => readTar(await decodeUnknown(stream), limits, take),
  });
}

async function headOf(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
    const head = buffer.subarray(0, bytesRead);
    if (/^\s*<(!doctype|html)/i.test(head.toString("latin1")))
      throw new Error("is an HTML page, not an archive");
    if (bytesRead === 0) throw new Error("is empty");
    return head;
  } finally {
    await file.close();
  }
}

/** A stream whose compression is told by its first chunk. */
async function decodeUnknown(source: Readable): Promise<Readable> {
  const chunks = source[Symbol.asyncIterator]();
  const first = (await chunks.next()) as IteratorResult<Buffer, undefined>;
  const whole = new PassThrough();
  const feed = async (): Promise<void> => {
    for (let next = first; !next.done; next = (await chunks.next()) as IteratorResult<Buffer, undefined>)
      if (!whole.write(next.value)) await new Promise((resolve) => whole.once("drain", resolve));
    whole.end();
  };
  feed().catch((error: unknown) => whole.destroy(error as Error));
  return decode(whole, compressionOf(first.value ?? Buffer.alloc(0)));
}

function bombGuard(packedBytes: number, limits: ArchiveLimits): (bytes: number) => void {
  const total = { bytes: 0, entries: 0 };
  return (bytes) => {
    total.bytes += bytes;
    if (++total.entries > limits.entries) throw new Error(`holds more than ${limits.entries} entries`);
    if (total.bytes > limits.totalBytes) throw new Error(`unpacks to more than ${limits.totalBytes} bytes`);
    if (total.bytes > 64 * 1024 ** 2 && total.bytes > packedBytes * limits.ratio)
      throw new Error(`unpacks to more than ${limits.ratio} times its size`);
  };
}

function toListing<Kept>(seen: readonly Seen<Kept>[], within: string | undefined): ArchiveListing<Kept> {
  const leaves = seen.filter(({ entry }) => entry.kind !== "folder");
  if (leaves.length === 0) throw new Error("holds no file");
  const topFolder = topFolderOf(leaves.map(({ entry }) => entry.name));
  const strip = (name: string): string =>
    topFolder && name.startsWith(`${topFolder}/`) ? name.slice(topFolder.length + 1) : name;
  const kept = new Map(leaves.map((leaf) => [leaf.entry.name, leaf.kept]));
  const problem = problemOfPaths(leaves.map(({ entry }) => strip(entry.name)));
  if (problem) throw new Error(problem);
  const files = leaves.flatMap(({ entry }) => {
    const path = strip(entry.name);
    const leak = entry.kind === "symlink" ? problemOfLink(path, entry.target) : undefined;
    if (leak) throw new Error(leak);
    const value = kept.get(entry.kind === "hardlink" ? entry.target.replace(/^(\.\/)+/, "") : entry.name);
    if (value === undefined && entry.kind === "hardlink" && within === undefined)
      throw new Error(`holds the hard link ${JSON.stringify(path)} to nothing in it`);
    return value === undefined ? [] : [{ path, mode: modeOf(entry), kept: value }];
  });
  return { files, topFolder, newest: Math.max(...leaves.map(({ entry }) => entry.modifiedAt)) };
}

function topFolderOf(names: readonly string[]): string {
  const top = names[0]!.split("/")[0]!;
  return names.every((name) => name.startsWith(`${top}/`)) ? top : "";
}

function modeOf(entry: { kind: RawEntry["kind"]; permissions: number }): string {
  if (entry.kind === "symlink") return "120000";
  return entry.permissions & 0o100 ? "100755" : "100644";
}

/** Libraries' errors become the second half of our sentence; our own are one already. */
function problemText(error: unknown): string {
  const text = messageOf(error);
  if (/^(holds|unpacks|is) /.test(text)) return text;
  if (/unexpected end|truncated|TAR_BAD_ARCHIVE/i.test(text)) return `is cut short or no archive (${text})`;
  return `is damaged (${text})`;
}
