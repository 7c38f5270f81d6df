import { spawn } from "node:child_process";
import { once } from "node:events";
import { harnessFault } from "../fault/fault.js";

/** A stream into `git fast-import`; nothing it got is seen by git before `finish`. */
export interface FastImport {
  write(text: string | Buffer): Promise<void>;
  finish(): Promise<void>;
  abandon(): void;
}

export function openFastImport(folder: string, signal?: AbortSignal): FastImport {
  const child = spawn("git", ["fast-import", "--quiet", "--done", "--force", "--date-format=raw"], {
    cwd: folder,
    stdio: ["pipe", "ignore", "pipe"],
    signal,
  });
  let words = "";
  child.stderr.on("data", (chunk: Buffer) => (words = (words + chunk.toString()).slice(-2000)));
  child.stdin.on("error", () => undefined); // told by its exit code
  const ended = new Promise<void>((resolve, reject) => {
    child.on("error", (cause) =>
      reject(harnessFault(`git fast-import stopped: ${cause.message}`, { cause })),
    );
    child.on("close", (code) =>
      code === 0
        ? resolve()
        : reject(harnessFault(`git fast-import failed: ${words.trim().split("\n")[0] ?? ""}`)),
    );
  });
  ended.catch(() => undefined); // whoever writes or finishes gets it
  return {
    write: async (text) => {
      if (!child.stdin.write(text)) await Promise.race([once(child.stdin, "drain"), ended]);
    },
    finish: async () => {
      child.stdin.end("done\n");
      await ended;
    },
    abandon: () => void child.kill("SIGKILL"),
  };
}

/** A path as fast-import wants it: quoted as in C, byte by byte outside ASCII. */
export function quotePath(path: string): string {
  const bytes = [...Buffer.from(path)].map((byte) =>
    byte < 0x20 || byte >= 0x7f || byte === 0x22 || byte === 0x5c
      ? `\\${byte.toString(8).padStart(3, "0")}`
      : String.fromCharCode(byte),
  );
  return `"${bytes.join("")}"`;
}

/** fast-import's counted data: any bytes, no quoting. */
export function dataOf(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}
