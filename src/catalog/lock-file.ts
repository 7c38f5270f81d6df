// tarbisect.lock: what each archive was when it was first used, so that a later difference is noticed.
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { messageOf, usageFault } from "../fault/fault.js";
import { writeFileAtomically } from "../host/write-file.js";
import { compareVersions } from "./version.js";

const pin = z.strictObject({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  sizeBytes: z.int().nonnegative(),
  url: z.string(),
});
const lockShape = z.record(z.string(), z.record(z.string(), pin));

export type Pin = z.output<typeof pin>;

export interface LockFile {
  path: string;
  find(driver: string, version: string): Promise<Pin | undefined>;
  /** Adds one pin; what others added meanwhile is kept. */
  add(driver: string, version: string, pin: Pin): Promise<void>;
}

/** The lock at `path`, which need not be there yet. */
export function openLockFile(path: string): LockFile {
  let last: Promise<void> = Promise.resolve();
  return {
    path,
    find: async (driver, version) => (await readLock(path))[driver]?.[version],
    add(driver, version, added) {
      last = last
        .catch(() => undefined)
        .then(async () => {
          const lock = await readLock(path);
          const pins = sortPins({ ...lock[driver], [version]: added });
          await writeFileAtomically(path, `${JSON.stringify({ ...lock, [driver]: pins }, null, 2)}\n`);
        });
      return last;
    },
  };
}

async function readLock(path: string): Promise<z.output<typeof lockShape>> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
  try {
    return lockShape.parse(JSON.parse(text));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error).split("\n")[0] : messageOf(error);
    throw usageFault(`${path} is damaged: ${why}`, `restore it, or remove it to trust the archives anew`);
  }
}

function sortPins(pins: Record<string, Pin>): Record<string, Pin> {
  return Object.fromEntries(Object.entries(pins).sort(([a], [b]) => compareVersions(a, b)));
}
