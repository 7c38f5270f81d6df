// A console that somebody else writes to a local file: conserver's log, a logger's, the lab's.
import { open, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { ConsoleReader, ConsoleSource } from "./console-source.js";

const readAtOnce = 1024 * 1024;
const lookEveryMs = 250;

/** Follows from where the file ends now; a file that is not there yet is waited for. */
export function fileConsole(path: string): ConsoleSource {
  return {
    name: path,
    async follow(reader, signal) {
      let at = await sizeOf(path);
      reader.ready();
      while (!signal.aborted) {
        await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
        at = await readFrom(path, at, reader);
      }
      return { detail: "stopped" };
    },
  };
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    (file) => file.size,
    () => 0,
  );
}

/** Delivers what has come since, and gives where to go on. */
async function readFrom(path: string, from: number, reader: ConsoleReader): Promise<number> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return from;
  try {
    const { size } = await file.stat();
    let at = size < from ? 0 : from; // begun anew, as conserver and logrotate do
    while (at < size) {
      const buffer = Buffer.alloc(Math.min(size - at, readAtOnce));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) break;
      reader.data(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
    return at;
  } finally {
    await file.close();
  }
}
