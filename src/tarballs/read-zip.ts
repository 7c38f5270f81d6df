import type { Readable } from "node:stream";
import { promisify } from "node:util";
import { open, type Entry, type ZipFile } from "yauzl";
import type { RawEntry } from "./entry.js";
import type { ArchiveLimits } from "./limits.js";

const openZip = promisify(
  open as (path: string, options: object, done: (e: Error | null, zip: ZipFile) => void) => void,
);

/** A zip's entries one after the other; `takeTar` gets the stream of a sole tar inside, as Intel ships some. */
export async function readZip(
  path: string,
  limits: ArchiveLimits,
  sink: { take: (entry: RawEntry) => void; takeTar: (content: Readable) => Promise<void> },
): Promise<void> {
  const zip = await openZip(path, { lazyEntries: true, autoClose: false, strictFileNames: true });
  try {
    for (;;) {
      const entry = await nextEntry(zip);
      if (entry === undefined) return;
      if (zip.entryCount <= 2 && /\.(tar|tar\.\w+|tgz)$/.test(entry.fileName))
        await sink.takeTar(await openEntry(zip, entry));
      else sink.take(await toRaw(zip, entry, limits));
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

async function toRaw(zip: ZipFile, entry: Entry, limits: ArchiveLimits): Promise<RawEntry> {
  const unixMode = entry.externalFileAttributes >>> 16;
  const isFolder = entry.fileName.endsWith("/");
  const isLink = (unixMode & 0o170000) === 0o120000;
  if (entry.uncompressedSize > limits.fileBytes)
    throw new Error(
      `holds ${entry.fileName} of ${entry.uncompressedSize} bytes, more than ${limits.fileBytes}`,
    );
  const chunks: Buffer[] = [];
  if (!isFolder) for await (const chunk of await openEntry(zip, entry)) chunks.push(chunk as Buffer);
  const content = Buffer.concat(chunks);
  return {
    name: entry.fileName,
    kind: isFolder ? "folder" : isLink ? "symlink" : "file",
    permissions: unixMode === 0 ? 0o644 : unixMode & 0o777,
    target: isLink ? content.toString() : "",
    content: isLink ? Buffer.alloc(0) : content,
    modifiedAt: Math.floor(entry.getLastModDate().getTime() / 1000),
  };
}
