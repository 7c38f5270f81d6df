// What one step leaves for the next about a target: that it is broken and since when, and the verdict that was found
// when it broke, so that no hour of stress is run twice for it.
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "../host/write-file.js";
import type { Trial } from "./run-step.js";

/** A target that did not come back. */
export interface BrokenTarget {
  /** The first cause, in one sentence. */
  cause: string;
  /** ISO time. */
  since: string;
  /** The trial that came to its verdict before the target was given up, and what it was judged by. */
  pending?: { trial: Trial; settings: string };
}

export interface TargetLedger {
  read(): Promise<BrokenTarget | undefined>;
  write(broken: BrokenTarget): Promise<void>;
  clear(): Promise<void>;
}

/** Kept in the repository's own folder, one file per target. */
export function targetLedger(ownFolder: string, target: string): TargetLedger {
  const path = join(ownFolder, "targets", `${target}-broken.json`);
  return {
    async read() {
      const text = await readFile(path, "utf8").catch(() => undefined);
      return text === undefined ? undefined : (JSON.parse(text) as BrokenTarget);
    },
    write: (broken) => writeFileAtomically(path, `${JSON.stringify(broken, null, 2)}\n`),
    clear: () => rm(path, { force: true }),
  };
}
