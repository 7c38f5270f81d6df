// Compression is told by the first bytes, never by the file's name: vendors rename what they compress.
import { createRequire } from "node:module";
import { Readable, Transform, type Duplex } from "node:stream";
import { createGunzip } from "node:zlib";

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

/** Turns a compressed stream into one of plain bytes. Errors of the source reach the result. */
export type Decoder = (source: Readable) => Readable;

/** Loads a decoder; it is to be given its source at once, before that flows. */
export async function decoderFor(compression: Compression): Promise<Decoder> {
  switch (compression) {
    case "none":
      return (source) => source;
    case "gzip":
      return (source) => piped(source, createGunzip({ chunkSize: 256 * 1024 }));
    case "bzip2": {
      const { default: unbzip2 } = await import("unbzip2-stream");
      return (source) => piped(source, unbzip2());
    }
    case "zstd": {
      const { Decompress } = await import("fzstd");
      return (source) => piped(source, zstdTransform(Decompress));
    }
    case "xz": {
      // Its bundle hides the export from Node's reader of CommonJS modules.
      const xz = createRequire(import.meta.url)("xz-decompress") as typeof import("xz-decompress");
      return (source) => Readable.fromWeb(new xz.XzReadableStream(Readable.toWeb(source)) as never);
    }
  }
}

function piped(source: Readable, decoder: Duplex): Readable {
  source.on("error", (error) => decoder.destroy(error));
  decoder.on("close", () => source.destroy());
  return source.pipe(decoder);
}

function zstdTransform(Decompress: typeof import("fzstd").Decompress): Transform {
  let ended = false;
  const decoder = new Decompress((chunk, final) => {
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
