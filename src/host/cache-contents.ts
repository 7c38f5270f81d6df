// What the cache holds, as things that can be had again one by one. Only these folders are ever looked at or cleaned:
// TARBISECT_CACHE may name a folder that holds other things too. Labs are not here: one may be running.
import { lstat, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** Folders of the cache, and how deep the things in them lie. */
const PLACES = [
  { folder: "archives", depth: 2 },
  { folder: "mirrors", depth: 2 },
  { folder: "kernels", depth: 1 },
  { folder: "index", depth: 1 },
  { folder: "modules", depth: 1 },
] as const;

export interface CacheEntry {
  /** Relative to the cache folder, such as "archives/i40e/i40e-2.12.6.tar.gz". */
  name: string;
  sizeBytes: number;
  /** When it was last written or used, in milliseconds since 1970. */
  usedMs: number;
}

/** Everything in the cache that can be had again, by name. */
export async function listCache(cacheFolder: string): Promise<CacheEntry[]> {
  const entries: CacheEntry[] = [];
  for (const { folder, depth } of PLACES) {
    let names: string[] = [folder];
    for (let level = 0; level < depth; level++)
      names = (await Promise.all(names.map((name) => childrenOf(cacheFolder, name)))).flat();
    for (const name of names) {
      const entry = await entryOf(cacheFolder, name);
      if (entry) entries.push(entry);
    }
  }
  return entries.sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
}

/** What to remove so that at most `maxBytes` stay: what was used longest ago. */
export function planClean(entries: readonly CacheEntry[], maxBytes: number): CacheEntry[] {
  let total = entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const plan: CacheEntry[] = [];
  for (const entry of [...entries].sort((a, b) => a.usedMs - b.usedMs)) {
    if (total <= maxBytes) break;
    total -= entry.sizeBytes;
    plan.push(entry);
  }
  return plan;
}

export async function applyClean(cacheFolder: string, plan: readonly CacheEntry[]): Promise<void> {
  for (const { name } of plan) await rm(join(cacheFolder, name), { recursive: true, force: true });
}

async function childrenOf(cacheFolder: string, name: string): Promise<string[]> {
  const names = await readdir(join(cacheFolder, name)).catch(() => []);
  return names.map((child) => join(name, child));
}

async function entryOf(cacheFolder: string, name: string): Promise<CacheEntry | undefined> {
  const found = await lstat(join(cacheFolder, name)).catch(() => undefined); // another process may have removed it
  if (found === undefined) return undefined;
  const sizeBytes = found.isDirectory() ? await sizeOfTree(join(cacheFolder, name)) : found.size;
  return { name, sizeBytes, usedMs: found.mtimeMs };
}

async function sizeOfTree(folder: string): Promise<number> {
  let sizeBytes = 0;
  for (const child of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (child.isFile())
      sizeBytes += (await lstat(join(child.parentPath, child.name)).catch(() => ({ size: 0 }))).size;
  return sizeBytes;
}
