// Small gzip archives, which vendors' drivers are, in one go on a thread of libuv's: no stream, no copy, one buffer.
import { gunzip } from "node:zlib";

/** What one archive may take of memory this way. */
const MOST_BYTES = 48 * 1024 * 1024;

/** The plain bytes; undefined when they are too many to be held. Throws zlib's error for a damaged or cut one. */
export async function tryGunzipWhole(packed: Buffer): Promise<Buffer | undefined> {
  // A gzip ends with its content's size, modulo 2^32: only a hint, for the first allocation.
  const hint = packed.length < 18 ? 0 : packed.readUInt32LE(packed.length - 4);
  const chunkSize = Math.min(Math.max(hint, 64 * 1024), MOST_BYTES) + 1;
  const options = { chunkSize, maxOutputLength: MOST_BYTES, info: true };
  const unpacked = await new Promise<Unpacked | undefined>((resolve, reject) =>
    gunzip(packed, options, (error, result) => {
      if (error === null) resolve(result as unknown as Unpacked);
      else if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") resolve(undefined);
      else reject(error);
    }),
  );
  // Zlib takes a zero byte after the last member for padding and looks no further.
  if (unpacked && packed.subarray(unpacked.engine.bytesWritten).some((byte) => byte !== 0))
    throw new Error("holds data after its end");
  return unpacked?.buffer;
}

/** What zlib gives with `info`. */
interface Unpacked {
  buffer: Buffer;
  engine: { bytesWritten: number };
}
