// What a file is, told by its content: names and Content-Type of vendors' servers are often wrong.
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { createGunzip } from "node:zlib";

const SIGNATURES = [
  { kind: ".tar.gz", at: 0, bytes: [0x1f, 0x8b] },
  { kind: ".tar.bz2", at: 0, bytes: [0x42, 0x5a, 0x68] },
  { kind: ".tar.xz", at: 0, bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00] },
  { kind: ".tar.zst", at: 0, bytes: [0x28, 0xb5, 0x2f, 0xfd] },
  { kind: ".zip", at: 0, bytes: [0x50, 0x4b, 0x03, 0x04] },
  { kind: ".tar", at: 257, bytes: [0x75, 0x73, 0x74, 0x61, 0x72] },
] as const;

export const archiveEndings = SIGNATURES.map(({ kind }) => kind);
export type ArchiveEnding = (typeof archiveEndings)[number];

export type FileKind =
  { kind: "archive"; ending: ArchiveEnding } | { kind: "html" } | { kind: "empty" } | { kind: "unknown" };

/** Looks at the first bytes of a file. */
export async function fileKind(path: string): Promise<FileKind> {
  const file = await open(path);
  try {
    const start = Buffer.alloc(512);
    const { bytesRead } = await file.read(start, 0, start.length, 0);
    return kindOf(start.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

function kindOf(start: Buffer): FileKind {
  if (start.length === 0) return { kind: "empty" };
  const found = SIGNATURES.find(({ at, bytes }) =>
    start.subarray(at, at + bytes.length).equals(Buffer.from(bytes)),
  );
  if (found) return { kind: "archive", ending: found.kind };
  return /^(\uFEFF|\s|<!--[^]*?-->)*<(!doctype html|html|head)\b/i.test(start.toString())
    ? { kind: "html" }
    : { kind: "unknown" };
}

/**
 * Whether a gzip file ends before its content does: a server that lies about the length sends such a part without any
 * error on the wire. Other kinds, and what unpacks to more than 1 GiB, are left to the reader of archives.
 */
export async function isCutShort(path: string, ending: ArchiveEnding): Promise<boolean> {
  if (ending !== ".tar.gz") return false;
  const tooMuch = 1024 ** 3;
  let unpackedBytes = 0;
  const unpacked = createReadStream(path).pipe(createGunzip());
  try {
    for await (const chunk of unpacked) {
      unpackedBytes += (chunk as Buffer).length;
      if (unpackedBytes > tooMuch) return false;
    }
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "Z_BUF_ERROR";
  }
}
