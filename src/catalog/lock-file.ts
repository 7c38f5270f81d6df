// tarbisect.lock: what each archive was when it was first used, so that a later difference is noticed.
import { readFile } from "node:fs/promises";
import { messageOf, usageFault } from "../fault/fault.js";
import { writeFileAtomically } from "../host/write-file.js";
import type { Lock, Pin } from "./lock-shape.js";
import { compareVersions } from "./version.js";

export interface LockFile {
  path: string;
  find(driver: string, version: string): Promise<Pin | undefined>;
  /** Adds one pin; what others added meanwhile is kept. */
  add(driver: string, version: string, pin: Pin): Promise<void>;
}

/** The lock at `path`, which need not be there yet. */
export function openLockFile(path: string): LockFile {
  let last: Promise<void> = Promise.resolve();
  let known: Promise<Lock> | undefined; // read once: a history of hundreds of releases asks for each
  return {
    path,
    find: async (driver, version) => (await (known ??= readLock(path)))[driver]?.[version],
    add(driver, version, added) {
      last = last
        .catch(() => undefined)
        .then(async () => {
          const before = await readLock(path);
          const lock = { ...before, [driver]: sortPins({ ...before[driver], [version]: added }) };
          await writeFileAtomically(path, `${JSON.stringify(lock, null, 2)}\n`);
          known = Promise.resolve(lock);
        });
      return last;
    },
  };
}

async function readLock(path: string): Promise<Lock> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
  const { parseLock } = await import("./lock-shape.js");
  try {
    return parseLock(text);
  } catch (error) {
    throw usageFault(
      `${path} is damaged: ${messageOf(error)}`,
      `restore it, or remove it to trust the archives anew`,
    );
  }
}

function sortPins(pins: Record<string, Pin>): Record<string, Pin> {
  return Object.fromEntries(Object.entries(pins).sort(([a], [b]) => compareVersions(a, b)));
}
