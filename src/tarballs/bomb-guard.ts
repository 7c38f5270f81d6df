import type { ArchiveLimits } from "./limits.js";

/** Counts what comes out of one archive; throws, as the second half of a sentence, when it is too much. */
export interface BombGuard {
  addBytes(bytes: number): void;
  addEntry(): void;
}

/** `packedBytes` is the archive's own size. */
export function bombGuard(packedBytes: number, limits: ArchiveLimits): BombGuard {
  const total = { bytes: 0, entries: 0 };
  return {
    addBytes(bytes) {
      total.bytes += bytes;
      if (total.bytes > limits.totalBytes) throw new Error(`unpacks to more than ${limits.totalBytes} bytes`);
      if (total.bytes > 64 * 1024 ** 2 && total.bytes > packedBytes * limits.ratio)
        throw new Error(`unpacks to more than ${limits.ratio} times its size`);
    },
    addEntry() {
      if (++total.entries > limits.entries) throw new Error(`holds more than ${limits.entries} entries`);
    },
  };
}
