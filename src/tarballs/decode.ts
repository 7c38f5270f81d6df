// Compression is told by the first bytes, never by the file's name: vendors rename what they compress.
import { Decompress as ZstdDecoder } from "fzstd";
import { createRequire } from "node:module";
import { Readable, Transform, type Duplex } from "node:stream";
import { createGunzip } from "node:zlib";
import unbzip2 from "unbzip2-stream";

// Its bundle hides the export from Node's reader of CommonJS modules.
const { XzReadableStream } = createRequire(import.meta.url)(
  "xz-decompress",
) as typeof import("xz-decompress");

export type Compression = "gzip" | "bzip2" | "xz" | "zstd" | "none";

const magics: readonly { compression: Compression; bytes: readonly number[] }[] = [
  { compression: "gzip", bytes: [0x1f, 0x8b] },
  { compression: "bzip2", bytes: [0x42, 0x5a, 0x68] },
  { compression: "xz", bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00] },
  { compression: "zstd", bytes: [0x28, 0xb5, 0x2f, 0xfd] },
];

/** How a file that begins with these bytes is compressed. */
export function compressionOf(head: Uint8Array): Compression {
  return magics.find(({ bytes }) => bytes.every((byte, at) => head[at] === byte))?.compression ?? "none";
}

/** The plain bytes of a compressed stream. Errors of the source reach the result. */
export function decode(source: Readable, compression: Compression): Readable {
  switch (compression) {
    case "none":
      return source;
    case "gzip":
      return piped(source, createGunzip({ chunkSize: 256 * 1024 }));
    case "bzip2":
      return piped(source, unbzip2());
    case "zstd":
      return piped(source, zstdTransform());
    case "xz":
      return Readable.fromWeb(new XzReadableStream(Readable.toWeb(source)) as never);
  }
}

function piped(source: Readable, decoder: Duplex): Readable {
  source.on("error", (error) => decoder.destroy(error));
  decoder.on("close", () => source.destroy());
  return source.pipe(decoder);
}

function zstdTransform(): Transform {
  let ended = false;
  const decoder = new ZstdDecoder((chunk, final) => {
    ended = final ?? false;
    transform.push(Buffer.from(chunk));
  });
  const transform: Transform = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      try {
        decoder.push(chunk);
        done();
      } catch (error) {
        done(error as Error);
      }
    },
    flush(done) {
      try {
        if (!ended) decoder.push(new Uint8Array(), true);
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
  return transform;
}
