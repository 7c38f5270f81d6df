// Unique blobs wait until every archive has been read: git fast-import deltifies only against the blob it got last, so
// they go in grouped by name. The first ones wait in memory, the others on disk: memory stays flat however many
// releases there are, and a driver's usual history touches no disk.
import { closeSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { blobId } from "./tree.js";

export interface SpooledBlob {
  id: string;
  sizeBytes: number;
  /** Where it waits: its bytes, or their place in the file. */
  at: Buffer | number;
}

const SEGMENT_BYTES = 2 * 1024 * 1024;

export class BlobSpool {
  private readonly byId = new Map<string, SpooledBlob>();
  /** Those in memory by size: comparing with a former release's file is several times quicker than its id. */
  private readonly held = new Map<number, { blob: SpooledBlob; content: Buffer }[]>();
  private segment = Buffer.alloc(0);
  private usedBytes = 0;
  private file: number | undefined;
  private fileBytes = 0;

  /** The file at `path` is made when more than `memoryBytes` wait. */
  constructor(
    private readonly path: string,
    private memoryBytes: number,
  ) {}

  /** Keeps a content once, as a copy; the same content gives the same value again. */
  add(content: Buffer): SpooledBlob {
    const alike = this.held.get(content.length)?.findLast((one) => one.content.equals(content));
    if (alike) return alike.blob;
    const id = blobId(content);
    const known = this.byId.get(id);
    if (known) return known;
    const copy = this.tryHold(content);
    const blob = { id, sizeBytes: content.length, at: copy ?? this.append(content) };
    this.byId.set(id, blob);
    if (copy) this.hold(blob, copy);
    return blob;
  }

  private hold(blob: SpooledBlob, content: Buffer): void {
    const alike = this.held.get(content.length);
    if (alike) alike.push({ blob, content });
    else this.held.set(content.length, [{ blob, content }]);
  }

  read(blob: SpooledBlob): Buffer {
    const content = Buffer.allocUnsafe(blob.sizeBytes);
    this.readInto(blob, content, 0);
    return content;
  }

  /** Copies a content to `start` in `target`. */
  readInto({ at, sizeBytes }: SpooledBlob, target: Buffer, start: number): void {
    if (typeof at !== "number") {
      at.copy(target, start);
      return;
    }
    for (let got = 0; got < sizeBytes;) {
      const bytes = readSync(this.file!, target, start + got, sizeBytes - got, at + got);
      if (bytes === 0) throw new Error(`the spool ${this.path} ends early`);
      got += bytes;
    }
  }

  remove(): void {
    if (this.file !== undefined) closeSync(this.file);
    rmSync(this.path, { force: true });
  }

  private tryHold(content: Buffer): Buffer | undefined {
    if (this.usedBytes + content.length > this.segment.length) {
      if (this.memoryBytes < SEGMENT_BYTES || content.length > SEGMENT_BYTES) return undefined;
      this.segment = Buffer.allocUnsafeSlow(SEGMENT_BYTES);
      this.memoryBytes -= SEGMENT_BYTES;
      this.usedBytes = 0;
    }
    const held = this.segment.subarray(this.usedBytes, this.usedBytes + content.length);
    this.usedBytes += content.copy(held);
    return held;
  }

  private append(content: Buffer): number {
    this.file ??= openSync(this.path, "w+");
    const at = this.fileBytes;
    for (let done = 0; done < content.length;)
      done += writeSync(this.file, content, done, content.length - done, at + done);
    this.fileBytes += content.length;
    return at;
  }
}
