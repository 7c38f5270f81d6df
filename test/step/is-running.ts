import { readFileSync } from "node:fs";

/** Whether a process still runs; a zombie has ended, and how soon it is reaped is up to the machine's init. */
export function isRunning(pid: string): boolean {
  try {
    const state = /^State:\s+(\S)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return state !== "Z" && state !== "X";
  } catch {
    return false;
  }
}
