import type { Readable } from "node:stream";
import { promisify } from "node:util";
import { open, type Entry, type ZipFile } from "yauzl";
import type { BombGuard } from "./bomb-guard.js";
import { crc32 } from "./crc32.js";
import type { RawEntry } from "./entry.js";
import type { ArchiveLimits } from "./limits.js";
import type { EntrySink } from "./tar-reader.js";

const openZip = promisify(
  open as (path: string, options: object, done: (e: Error | null, zip: ZipFile) => void) => void,
);

export interface ZipReading {
  limits: ArchiveLimits;
  guard: BombGuard;
  sink: EntrySink;
  /** Gets the stream of a sole tar inside, as Intel ships some. */
  takeTar: (content: Readable) => Promise<void>;
}

/** A zip's entries one after the other. */
export async function readZip(path: string, { limits, guard, sink, takeTar }: ZipReading): Promise<void> {
  const zip = await openZip(path, { lazyEntries: true, autoClose: false, strictFileNames: true });
  try {
    for (;;) {
      const entry = await nextEntry(zip);
      if (entry === undefined) return;
      if (zip.entryCount <= 2 && /\.zip$/i.test(entry.fileName))
        throw new Error(`holds another zip, ${JSON.stringify(entry.fileName)}: unpack that one and give it`);
      if (zip.entryCount <= 2 && /\.(tar|tar\.\w+|tgz)$/.test(entry.fileName))
        await takeTar(await openEntry(zip, entry));
      else {
        const raw = await toRaw(zip, entry, { limits, sink });
        guard.addBytes(raw.content.length);
        sink.take(raw);
      }
    }
  } finally {
    zip.close();
  }
}

function nextEntry(zip: ZipFile): Promise<Entry | undefined> {
  return new Promise((resolve, reject) => {
    zip.removeAllListeners();
    zip.once("entry", resolve);
    zip.once("end", () => resolve(undefined));
    zip.once("error", reject);
    zip.readEntry();
  });
}

function openEntry(zip: ZipFile, entry: Entry): Promise<Readable> {
  return new Promise((resolve, reject) =>
    zip.openReadStream(entry, (error, stream) => (error ? reject(error) : resolve(stream))),
  );
}

async function toRaw(
  zip: ZipFile,
  entry: Entry,
  { limits, sink }: { limits: ArchiveLimits; sink: EntrySink },
): Promise<RawEntry> {
  const unixMode = entry.externalFileAttributes >>> 16;
  const kind = kindOf(entry, unixMode);
  if (entry.isEncrypted()) throw new Error("is encrypted");
  if (entry.uncompressedSize > limits.fileBytes)
    throw new Error(
      `holds ${entry.fileName} of ${entry.uncompressedSize} bytes, more than ${limits.fileBytes}`,
    );
  const isRead = kind === "symlink" || (kind === "file" && sink.wants(entry.fileName));
  const content = isRead ? await contentOf(zip, entry) : Buffer.alloc(0);
  return {
    name: entry.fileName,
    kind,
    permissions: unixMode === 0 ? 0o644 : unixMode & 0o777,
    target: kind === "symlink" ? content.toString() : "",
    content: kind === "symlink" ? Buffer.alloc(0) : content,
    modifiedAt: Math.floor(entry.getLastModDate().getTime() / 1000),
  };
}

function kindOf(entry: Entry, unixMode: number): "file" | "symlink" | "folder" {
  if (entry.fileName.endsWith("/")) return "folder";
  const format = unixMode & 0o170000;
  if (format === 0o120000) return "symlink";
  if (format !== 0 && format !== 0o100000 && entry.versionMadeBy >>> 8 === UNIX)
    throw new Error(`holds a device node or FIFO named ${JSON.stringify(entry.fileName)}`);
  return "file";
}

const UNIX = 3;

/** The library holds a content's size against what the zip states, but not its sum. */
async function contentOf(zip: ZipFile, entry: Entry): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of await openEntry(zip, entry)) chunks.push(chunk as Buffer);
  const content = Buffer.concat(chunks);
  if (crc32(content) !== entry.crc32)
    throw new Error(`is damaged (the checksum of ${JSON.stringify(entry.fileName)} is wrong)`);
  return content;
}
