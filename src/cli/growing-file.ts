import { open } from "node:fs/promises";

const pieceBytes = 4 * 1024 * 1024;

/** What was appended to a file since the last look; "" for one that is not there or did not grow. */
export class GrowingFile {
  private offset = 0;
  private readonly decoder = new TextDecoder();

  constructor(private readonly path: string) {}

  async *read(): AsyncGenerator<string> {
    const file = await open(this.path, "r").catch(() => undefined);
    if (file === undefined) return;
    try {
      const buffer = Buffer.alloc(pieceBytes);
      for (;;) {
        const { bytesRead } = await file.read(buffer, 0, buffer.length, this.offset);
        if (bytesRead === 0) return;
        this.offset += bytesRead;
        yield this.decoder.decode(buffer.subarray(0, bytesRead), { stream: true });
      }
    } finally {
      await file.close();
    }
  }
}
