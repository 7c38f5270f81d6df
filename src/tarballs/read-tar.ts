import { PassThrough, type Readable } from "node:stream";
import type { BombGuard } from "./bomb-guard.js";
import { compressionOf, decoderFor } from "./decode.js";
import type { TarReader } from "./tar-reader.js";

/** Reads a plain tar stream to its end; rejects with what is wrong as a sentence's second half. */
export async function readTar(source: Readable, reader: TarReader, guard: BombGuard): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const fail = (problem: unknown): void => {
      source.destroy();
      reject(problem instanceof Error ? problem : new Error(String(problem)));
    };
    const guarded = (step: () => void): void => {
      try {
        step();
      } catch (error) {
        fail(error);
      }
    };
    // By events: not every decoder's stream can be iterated.
    source.on("data", (chunk: Uint8Array) =>
      guarded(() => {
        guard.addBytes(chunk.length);
        reader.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
      }),
    );
    source.on("end", () => guarded(() => (reader.end(), resolve())));
    source.on("error", fail);
  });
}

/** Decodes a stream whose compression is told by its first chunk. */
export async function decodeUnknown(source: Readable): Promise<Readable> {
  const chunks = source[Symbol.asyncIterator]();
  const first = (await chunks.next()) as IteratorResult<Buffer, undefined>;
  const decode = await decoderFor(compressionOf(first.value ?? Buffer.alloc(0)));
  const whole = new PassThrough();
  const feed = async (): Promise<void> => {
    for (let next = first; !next.done; next = (await chunks.next()) as IteratorResult<Buffer, undefined>)
      if (!whole.write(next.value)) await new Promise((resolve) => whole.once("drain", resolve));
    whole.end();
  };
  feed().catch((error: unknown) => whole.destroy(error as Error));
  return decode(whole);
}
