import { spawn } from "node:child_process";
import { harnessFault } from "../fault/fault.js";

/** A stream into `git fast-import`; nothing it got is seen by git before `finish`. */
export interface FastImport {
  /** Resolves when git has taken all of it: the buffer may then be used again. */
  write(text: string | Buffer): Promise<void>;
  /** Gives what git answered (to get-mark), without its last newline. */
  finish(): Promise<string>;
  abandon(): void;
}

// Chains of deltas as long as most drivers have releases: a new one begins with a whole file. What is left after the
// deltas is little, and deflating it well costs more than it saves.
const OPTIONS = ["--quiet", "--done", "--force", "--date-format=raw", "--depth=100"];
const SETTINGS = ["-c", "pack.compression=1"];

export function openFastImport(folder: string, signal?: AbortSignal): FastImport {
  const child = spawn("git", [...SETTINGS, "fast-import", ...OPTIONS], {
    cwd: folder,
    stdio: "pipe",
    signal,
  });
  let words = "";
  let answer = "";
  child.stdout.on("data", (chunk: Buffer) => (answer += chunk.toString("latin1")));
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
    write: (text) => {
      const taken = new Promise<void>((resolve) => child.stdin.write(text, () => resolve()));
      return Promise.race([taken, ended]);
    },
    finish: async () => {
      child.stdin.end("done\n");
      await ended;
      return answer.trimEnd();
    },
    abandon: () => void child.kill("SIGKILL"),
  };
}

/** A path as fast-import wants it: quoted as in C, byte by byte outside ASCII. */
export function quotePath(path: string): string {
  if (/^[ !#-[\]-~]*$/.test(path)) return `"${path}"`;
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
