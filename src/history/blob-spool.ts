// Unique blobs wait on disk until every archive has been read: git fast-import deltifies only against the blob it
// got last, so they go in grouped by path, and memory stays flat however many releases there are.
import { openSync, readSync, writeSync, closeSync, rmSync } from "node:fs";
import { blobId } from "./trees.js";

export interface SpooledBlob {
  id: string;
  offset: number;
  sizeBytes: number;
}

const FLUSH_BYTES = 4 * 1024 * 1024;

export class BlobSpool {
  private readonly file: number;
  private readonly byId = new Map<string, SpooledBlob>();
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  private writtenBytes = 0;

  constructor(private readonly path: string) {
    this.file = openSync(path, "w+");
  }

  /** Keeps a content once; the same content gives the same value again. */
  add(content: Buffer): SpooledBlob {
    const id = blobId(content);
    const known = this.byId.get(id);
    if (known) return known;
    const offset = this.writtenBytes + this.waitingBytes;
    const blob = { id, offset, sizeBytes: content.length };
    this.byId.set(id, blob);
    this.waiting.push(content);
    this.waitingBytes += content.length;
    if (this.waitingBytes >= FLUSH_BYTES) this.flush();
    return blob;
  }

  read(blob: SpooledBlob): Buffer {
    this.flush();
    const content = Buffer.allocUnsafe(blob.sizeBytes);
    for (let got = 0; got < content.length;) {
      const bytes = readSync(this.file, content, got, content.length - got, blob.offset + got);
      if (bytes === 0) throw new Error(`the spool ${this.path} ends early`);
      got += bytes;
    }
    return content;
  }

  remove(): void {
    closeSync(this.file);
    rmSync(this.path, { force: true });
  }

  private flush(): void {
    if (this.waitingBytes === 0) return;
    const content = Buffer.concat(this.waiting);
    for (let done = 0; done < content.length;)
      done += writeSync(this.file, content, done, content.length - done, this.writtenBytes + done);
    this.writtenBytes += content.length;
    this.waiting = [];
    this.waitingBytes = 0;
  }
}
