// Where archives lie: CACHE/archives/DRIVER/DRIVER-VERSION.tar.gz. Parts of transfers lie beside them, named after
// the process that writes them, so that two processes never write one file and a killed one's part is taken over.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { archiveEndings } from "./archive-kind.js";
import type { Release } from "./release.js";

/** A release's archive in the cache, whichever way it is packed. */
export async function findCached(cacheFolder: string, release: Release): Promise<string | undefined> {
  for (const ending of archiveEndings) {
    const path = cachedPath(cacheFolder, release, ending);
    if ((await stat(path).catch(() => undefined))?.isFile()) return path;
  }
  return undefined;
}

export function cachedPath(cacheFolder: string, { driver, version }: Release, ending: string): string {
  return join(folderOf(cacheFolder, driver), `${driver}-${version}${ending}`);
}

/** Marks as used just now, for cleaning by age. */
export async function touch(path: string): Promise<void> {
  const now = new Date();
  // A cache that is shared and read-only works too.
  await utimes(path, now, now).catch(() => undefined);
}

/** The path of this process's part of a release; a part that a dead process left is taken over. */
export async function claimPart(cacheFolder: string, { driver, version }: Release): Promise<string> {
  const folder = folderOf(cacheFolder, driver);
  await mkdir(folder, { recursive: true });
  const start = `${driver}-${version}.${hostname()}.`;
  const own = join(folder, `${start}${process.pid}.part`);
  for (const name of await readdir(folder)) {
    const writer = /^(\d+)\.part$/.exec(name.startsWith(start) ? name.slice(start.length) : "")?.[1];
    if (writer === undefined || isAlive(Number(writer))) continue;
    const left = join(folder, name);
    // Another process may have been quicker: then there is nothing to take over.
    if (
      await rename(left, own).then(
        () => true,
        () => false,
      )
    )
      await rename(partNote(left), partNote(own)).catch(() => undefined);
  }
  return own;
}

/** Where it is kept which URL and which version of it a part came from. */
export function partNote(part: string): string {
  return `${part}.json`;
}

export async function dropPart(part: string): Promise<void> {
  await rm(part, { force: true });
  await rm(partNote(part), { force: true });
}

/** The SHA-256 (hex) and the size of a file. */
export async function fingerprint(path: string): Promise<{ sha256: string; sizeBytes: number }> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    hash.update(chunk as Buffer);
    sizeBytes += (chunk as Buffer).length;
  }
  return { sha256: hash.digest("hex"), sizeBytes };
}

function folderOf(cacheFolder: string, driver: string): string {
  return join(cacheFolder, "archives", driver);
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
