// A release's archive: from the cache, else from the first of its URLs that gives one; checked, then renamed.
import { rm, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { harnessFault, messageOf } from "../fault/fault.js";
import { findCached, fingerprint, touch } from "./archive-cache.js";
import { differenceOf, differs } from "./archive-difference.js";
import { archiveFromMirror, isMirrorUrl } from "./archive-from-mirror.js";
import { AbsentFault, fromServers } from "./archive-from-server.js";
import { openLockFile } from "./lock-file.js";
import type { LockFile } from "./lock-file.js";
import type { Pin } from "./lock-shape.js";
import { openNetwork } from "./network.js";
import type { Network, NetworkSettings } from "./network.js";
import type { Release } from "./release.js";

export interface Archive {
  path: string;
  /** Hex. */
  sha256: string;
  sizeBytes: number;
  /** Where it came from, as the catalog spells it (not the mirror's URL). */
  url: string;
}

/** What happens to one release's archive, for progress lines. */
export type DownloadEvent =
  | { kind: "cached" | "done"; release: Release; sizeBytes: number }
  | { kind: "receiving"; release: Release; url: string; receivedBytes: number; totalBytes?: number }
  | { kind: "retrying"; release: Release; url: string; reason: string; waitMs: number }
  | { kind: "gave-up"; release: Release; url: string; reason: string };

export interface DownloadSettings extends NetworkSettings {
  cacheFolder: string;
  /** Where first uses are pinned. Default: tarbisect.lock in the cache folder. */
  lockPath?: string;
  /** Ask no server: what is not in the cache is a fault. */
  offline?: boolean;
  signal?: AbortSignal;
  onProgress?: (event: DownloadEvent) => void;
  /** How often to ask one URL in all; default 4. */
  attempts?: number;
  /** The first wait before asking again, doubled each time; default 500 ms. */
  pauseMs?: number;
}

const MOST_AT_ONCE = 4;

/**
 * The archive of one release; file: URLs are used where they lie. Faults: a sum that differs (with both values), a
 * release that no URL has any more, and whatever kept the last URL from giving it.
 */
export async function ensureArchive(release: Release, settings: DownloadSettings): Promise<Archive> {
  const [got] = await ensureArchives([release], settings);
  if (got instanceof AbsentFault) throw got;
  return got!;
}

/**
 * The archives of many releases, in the same order; at most 4 are transferred at once. In the place of a release that
 * no URL has any more stands the fault that says so; ends at the first fault of another kind.
 */
export async function ensureArchives(
  releases: readonly Release[],
  settings: DownloadSettings,
): Promise<(Archive | AbsentFault)[]> {
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, ...(settings.signal ? [settings.signal] : [])]);
  const network = openNetwork(settings);
  const lock = openLockFile(settings.lockPath ?? `${settings.cacheFolder}/tarbisect.lock`);
  const archives: (Archive | AbsentFault)[] = [];
  const waiting = releases.entries();
  const work = async (): Promise<void> => {
    for (const [at, release] of waiting)
      archives[at] = await ensureOne(release, { network, lock, settings: { ...settings, signal } }).catch(
        (error: unknown) => {
          if (error instanceof AbsentFault) return error;
          throw error;
        },
      );
  };
  try {
    const workers = Array.from({ length: MOST_AT_ONCE }, () =>
      work().catch((error: unknown) => {
        stop.abort();
        throw error;
      }),
    );
    const ends = await Promise.allSettled(workers);
    const first = firstCause(ends);
    if (first !== undefined) throw first;
    return archives;
  } finally {
    await network.close();
  }
}

/** When one fails the others are interrupted: the one that failed by itself is the cause. */
function firstCause(ends: readonly PromiseSettledResult<void>[]): Error | undefined {
  const causes = ends.flatMap((end) => (end.status === "rejected" ? [end.reason as Error] : []));
  return causes.find((cause) => (cause as { blame?: string }).blame !== "interrupted") ?? causes[0];
}

/** What one call of ensureArchives works with. */
export interface Means {
  network: Network;
  lock: LockFile;
  settings: DownloadSettings;
}

async function ensureOne(release: Release, means: Means): Promise<Archive> {
  const local = release.urls.find((url) => url.startsWith("file:"));
  if (local !== undefined) return localArchive(release, local);
  const mirrored = release.urls.find(isMirrorUrl);
  if (mirrored !== undefined) return archiveFromMirror(release, mirrored, means.settings);
  const pin = await means.lock.find(release.driver, release.version);
  return (await fromCache(release, pin, means)) ?? (await fromServers(release, pin, means));
}

/** Where the sum is known, only the size is looked at here: whoever reads the archive holds it against the sum. */
async function localArchive(release: Release, url: string): Promise<Archive> {
  const path = fileURLToPath(url);
  const look = release.sha256 === undefined ? fingerprint(path) : sizeOf(path, release.sha256);
  const found = await look.catch((cause: unknown) => {
    throw harnessFault(`cannot read ${path}: ${messageOf(cause)}`, { cause });
  });
  const difference = differenceOf(release, undefined, found);
  if (difference) throw differs(release, path, difference);
  return { path, ...found, url };
}

async function sizeOf(path: string, sha256: string): Promise<{ sha256: string; sizeBytes: number }> {
  return { sha256, sizeBytes: (await stat(path)).size };
}

async function fromCache(
  release: Release,
  pin: Pin | undefined,
  { lock, settings }: Means,
): Promise<Archive | undefined> {
  const path = await findCached(settings.cacheFolder, release);
  if (path === undefined) return undefined;
  const found = await fingerprint(path);
  const difference = differenceOf(release, pin, found);
  if (difference) {
    if (settings.offline) throw differs(release, path, difference);
    await rm(path); // damaged since it was checked: the vendor's server has it again
    return undefined;
  }
  const url = pin?.url ?? release.urls[0]!;
  if (pin === undefined) await lock.add(release.driver, release.version, { ...found, url });
  await touch(path);
  settings.onProgress?.({ kind: "cached", release, sizeBytes: found.sizeBytes });
  return { path, ...found, url };
}
