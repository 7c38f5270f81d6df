// A log on our disk that a target writes: its start and its end are kept, whatever comes between.
import { closeSync, openSync, writeSync } from "node:fs";
import { harnessFault, messageOf } from "../fault/fault.js";

const headBytes = 16 * 1024 * 1024;
const tailBytes = 4 * 1024 * 1024;

export interface BoundedLog {
  /** Written at once: what came before a crash of ours is on disk. The first failure is thrown by `close`. */
  add(text: string | Uint8Array): void;
  /** Bytes that are in no file any more. */
  readonly lostBytes: number;
  close(): void;
}

/**
 * PATH holds the first 16 MiB. What comes after goes by turns to PATH.later-1 and PATH.later-2, each begun anew when it
 * is its turn, so that at least the last 4 MiB are kept.
 */
export function openBoundedLog(path: string, limits = { headBytes, tailBytes }): BoundedLog {
  let file = openSync(path, "ax");
  let part = 0;
  let size = 0;
  let earlier = 0;
  let lostBytes = 0;
  let failure: unknown;
  const turn = (): void => {
    closeSync(file);
    if (part >= 2) lostBytes += earlier;
    earlier = part === 0 ? 0 : size;
    part++;
    size = 0;
    file = openSync(`${path}.later-${2 - (part % 2)}`, "w");
  };
  return {
    add(text) {
      const bytes = typeof text === "string" ? Buffer.from(text) : text;
      try {
        if (failure !== undefined) return;
        if (size > 0 && size + bytes.length > (part === 0 ? limits.headBytes : limits.tailBytes)) turn();
        for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at, bytes.length - at);
        size += bytes.length;
      } catch (error) {
        failure = error;
      }
    },
    get lostBytes() {
      return lostBytes;
    },
    close() {
      closeSync(file);
      if (failure === undefined) return;
      throw harnessFault(`${path} can't be written: ${messageOf(failure)}`, {
        cause: failure,
        hint: "df -h",
      });
    },
  };
}
