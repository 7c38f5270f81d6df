import { bsdSum, type BsdSum } from "../tarballs/sums.js";
import type { BlobSpool, SpooledBlob } from "./blob-spool.js";
import type { FastImport } from "./fast-import.js";

const CHUNK_BYTES = 512 * 1024;

/**
 * Gives blobs to git in this order, and each one's BSD sum to `sums`, by blob id. Two buffers take turns: one is
 * filled from the spool while git reads the other.
 */
export async function feedBlobs(
  blobs: readonly SpooledBlob[],
  { spool, stream, sums }: { spool: BlobSpool; stream: FastImport; sums: Map<string, BsdSum> },
): Promise<void> {
  let [filling, other] = [Buffer.allocUnsafe(CHUNK_BYTES), Buffer.allocUnsafe(CHUNK_BYTES)];
  let at = 0;
  let taken: Promise<void> = Promise.resolve();
  const hand = async (): Promise<void> => {
    await taken;
    taken = stream.write(filling.subarray(0, at));
    [filling, other, at] = [other, filling, 0];
  };
  for (const blob of blobs) {
    const head = `blob\ndata ${blob.sizeBytes}\n`;
    const needBytes = head.length + blob.sizeBytes + 1;
    if (at + needBytes > filling.length) await hand();
    if (needBytes > filling.length) filling = Buffer.allocUnsafe(needBytes);
    at += filling.write(head, at, "latin1");
    spool.readInto(blob, filling, at);
    sums.set(blob.id, bsdSum(filling.subarray(at, at + blob.sizeBytes)));
    at += blob.sizeBytes;
    filling[at++] = 10;
  }
  await hand();
  await taken;
}
