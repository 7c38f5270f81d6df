// An archive's file, whatever its kind, as a row of entries.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readFile, type FileHandle } from "node:fs/promises";
import { bombGuard, type BombGuard } from "./bomb-guard.js";
import { compressionOf, decoderFor } from "./decode.js";
import { tryGunzipWhole } from "./gunzip-whole.js";
import type { ArchiveLimits } from "./limits.js";
import { decodeUnknown, readTar } from "./read-tar.js";
import { readZip } from "./read-zip.js";
import { TarReader, type EntrySink } from "./tar-reader.js";

const MOST_WHOLE_BYTES = 16 * 1024 * 1024;

/** Gives every entry to `sink` and returns the file's SHA-256 (hex). */
export async function readEntries(path: string, limits: ArchiveLimits, sink: EntrySink): Promise<string> {
  const { head, sizeBytes } = await lookAt(path);
  const guard = bombGuard(sizeBytes, limits);
  const counted: EntrySink = { ...sink, take: (entry) => (guard.addEntry(), sink.take(entry)) };
  const openReader = (): TarReader => new TarReader(limits, counted);
  if (head.toString("latin1", 0, 2) === "PK") {
    const sha256 = await sha256Of(path);
    const takeTar = async (stream: Parameters<typeof decodeUnknown>[0]): Promise<void> =>
      readTar(await decodeUnknown(stream), openReader(), guard);
    await readZip(path, { limits, guard, sink: counted, takeTar });
    return sha256;
  }
  const compression = compressionOf(head);
  if (compression === "gzip" && sizeBytes <= MOST_WHOLE_BYTES) {
    const packed = await readFile(path);
    const unpacked = await tryGunzipWhole(packed);
    if (unpacked) {
      readWhole(unpacked, openReader(), guard);
      return createHash("sha256").update(packed).digest("hex");
    }
  }
  const sha256 = await sha256Of(path);
  const plain = (await decoderFor(compression))(createReadStream(path, { highWaterMark: 1024 * 1024 }));
  await readTar(plain, openReader(), guard);
  if ("bytesWritten" in plain) await refuseTail(path, Number(plain.bytesWritten));
  return sha256;
}

/** Zlib takes a zero byte after the last member for padding and looks no further. */
async function refuseTail(path: string, fromByte: number): Promise<void> {
  for await (const chunk of createReadStream(path, { start: fromByte }))
    if ((chunk as Buffer).some((byte) => byte !== 0)) throw new Error("holds data after its end");
}

function readWhole(unpacked: Buffer, reader: TarReader, guard: BombGuard): void {
  guard.addBytes(unpacked.length);
  reader.write(unpacked);
  reader.end();
}

async function lookAt(path: string): Promise<{ head: Buffer; sizeBytes: number }> {
  const file: FileHandle = await open(path);
  try {
    const info = await file.stat();
    if (!info.isFile()) throw new Error("is no file");
    const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
    const head = buffer.subarray(0, bytesRead);
    if (/^\s*<(!doctype|html)/i.test(head.toString("latin1")))
      throw new Error("is an HTML page, not an archive");
    if (bytesRead === 0) throw new Error("is empty");
    return { head, sizeBytes: info.size };
  } finally {
    await file.close();
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }))
    hash.update(chunk as Buffer);
  return hash.digest("hex");
}
