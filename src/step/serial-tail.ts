// The serial console's file from the trial's begin on, as plain text.
import { open, stat } from "node:fs/promises";
import { plainText } from "../target/plain-text.js";

const readAtOnce = 1024 * 1024;

export class SerialTail {
  private rest = "";

  private constructor(
    private readonly path: string | undefined,
    private at: number,
  ) {}

  /** What the file holds now is not this trial's; a target without a console gives an empty text for ever. */
  static async begin(path: string | undefined): Promise<SerialTail> {
    const size =
      path === undefined
        ? 0
        : await stat(path).then(
            (file) => file.size,
            () => 0,
          );
    return new SerialTail(path, size);
  }

  /** What has come since, at most 1 MiB of it; whole lines, unless `last`. */
  async read(last = false): Promise<string> {
    if (this.path === undefined) return "";
    const file = await open(this.path).catch(() => undefined);
    if (file === undefined) return "";
    try {
      const { size } = await file.stat();
      if (size < this.at) this.at = 0; // begun anew, as conserver and logrotate do
      const buffer = Buffer.alloc(Math.min(size - this.at, readAtOnce));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, this.at);
      this.at += bytesRead;
      const text = this.rest + buffer.toString("utf8", 0, bytesRead);
      const end = last ? text.length : text.lastIndexOf("\n") + 1;
      this.rest = text.slice(end);
      return plainText(text.slice(0, end));
    } finally {
      await file.close();
    }
  }
}
