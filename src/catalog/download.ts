// A release's archive: from the cache, else from the first of its URLs that gives one; checked, then renamed.
import { rename, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { harnessFault, messageOf } from "../fault/fault.js";
import { cachedPath, claimPart, dropPart, findCached, fingerprint } from "./archive-cache.js";
import { fileKind, isCutShort } from "./archive-kind.js";
import { openLockFile } from "./lock-file.js";
import type { LockFile, Pin } from "./lock-file.js";
import { openNetwork } from "./network.js";
import type { Network, NetworkSettings } from "./network.js";
import type { Release } from "./release.js";
import { transfer } from "./transfer.js";

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
  const [archive] = await ensureArchives([release], settings);
  return archive!;
}

/** The archives of many releases, in the same order; at most 4 are transferred at once. Ends at the first fault. */
export async function ensureArchives(
  releases: readonly Release[],
  settings: DownloadSettings,
): Promise<Archive[]> {
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, ...(settings.signal ? [settings.signal] : [])]);
  const network = openNetwork(settings);
  const lock = openLockFile(settings.lockPath ?? `${settings.cacheFolder}/tarbisect.lock`);
  const archives: Archive[] = [];
  const waiting = releases.entries();
  const work = async (): Promise<void> => {
    for (const [at, release] of waiting)
      archives[at] = await ensureOne(release, { network, lock, settings: { ...settings, signal } });
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

interface Means {
  network: Network;
  lock: LockFile;
  settings: DownloadSettings;
}

async function ensureOne(release: Release, means: Means): Promise<Archive> {
  const local = release.urls.find((url) => url.startsWith("file:"));
  if (local !== undefined) return localArchive(release, local);
  const pin = await means.lock.find(release.driver, release.version);
  return (await fromCache(release, pin, means)) ?? (await fromServers(release, pin, means));
}

async function localArchive(release: Release, url: string): Promise<Archive> {
  const path = fileURLToPath(url);
  const found = await fingerprint(path).catch((cause: unknown) => {
    throw harnessFault(`cannot read ${path}: ${messageOf(cause)}`, { cause });
  });
  const difference = differenceOf(release, undefined, found);
  if (difference) throw differs(release, path, difference);
  return { path, ...found, url };
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
  settings.onProgress?.({ kind: "cached", release, sizeBytes: found.sizeBytes });
  return { path, ...found, url };
}

async function fromServers(release: Release, pin: Pin | undefined, means: Means): Promise<Archive> {
  const { settings, lock } = means;
  if (settings.offline)
    throw harnessFault(`${nameOf(release)} is not in the cache ${settings.cacheFolder}`, {
      hint: "run the command again with a network, or import from a folder of archives with --from",
    });
  const part = await claimPart(settings.cacheFolder, release);
  const tried: Tried[] = [];
  for (const url of release.urls) {
    const outcome = await fromUrl(url, { release, pin, part }, means);
    if (outcome.kind === "got") {
      await lock.add(release.driver, release.version, {
        sha256: outcome.archive.sha256,
        sizeBytes: outcome.archive.sizeBytes,
        url,
      });
      settings.onProgress?.({ kind: "done", release, sizeBytes: outcome.archive.sizeBytes });
      return outcome.archive;
    }
    settings.onProgress?.({ kind: "gave-up", release, url, reason: outcome.reason });
    tried.push({ url, ...outcome });
  }
  throw nothingGot(release, tried);
}

type Outcome = { kind: "got"; archive: Archive } | Failure;
interface Failure {
  kind: "absent" | "failed" | "differs";
  reason: string;
}
type Tried = Failure & { url: string };

async function fromUrl(
  url: string,
  { release, pin, part }: { release: Release; pin: Pin | undefined; part: string },
  { network, settings }: Means,
): Promise<Outcome> {
  const end = await transfer(url, part, {
    network,
    signal: settings.signal,
    attempts: settings.attempts ?? 4,
    pauseMs: settings.pauseMs ?? 500,
    onBytes: (receivedBytes, totalBytes) =>
      settings.onProgress?.({ kind: "receiving", release, url, receivedBytes, totalBytes }),
    onRetry: (reason, waitMs) => settings.onProgress?.({ kind: "retrying", release, url, reason, waitMs }),
  });
  if (end.kind !== "whole") return end;
  const kind = await fileKind(part);
  const wrong =
    kind.kind === "html"
      ? "an HTML page came instead of an archive"
      : kind.kind === "empty"
        ? "an empty file came instead of an archive"
        : kind.kind === "unknown"
          ? "what came is no archive"
          : (await isCutShort(part, kind.ending))
            ? "what came ends too early, although the server said that it was whole"
            : undefined;
  if (wrong !== undefined || kind.kind !== "archive") {
    await dropPart(part);
    return { kind: "failed", reason: wrong ?? kind.kind };
  }
  const found = await fingerprint(part);
  const difference = differenceOf(release, pin, found);
  if (difference) {
    await dropPart(part);
    return { kind: "differs", reason: difference };
  }
  const path = cachedPath(settings.cacheFolder, release, kind.ending);
  await rename(part, path);
  await dropPart(part);
  return { kind: "got", archive: { path, ...found, url } };
}

/** How an archive differs from what the catalog states or what was pinned, with both values. */
function differenceOf(
  release: Release,
  pin: Pin | undefined,
  found: { sha256: string; sizeBytes: number },
): string | undefined {
  if (release.sizeBytes !== undefined && release.sizeBytes !== found.sizeBytes)
    return `it is ${found.sizeBytes} bytes long, the catalog says ${release.sizeBytes}`;
  if (release.sha256 !== undefined && release.sha256 !== found.sha256)
    return `its sha256 is ${found.sha256}, the catalog says ${release.sha256}`;
  if (release.sha256 === undefined && pin !== undefined && pin.sha256 !== found.sha256)
    return `its sha256 is ${found.sha256}, tarbisect.lock says ${pin.sha256}`;
  return undefined;
}

function nothingGot(release: Release, tried: readonly Tried[]): Error {
  const list = tried.map(({ url, reason }) => `\n  ${url}: ${reason}`).join("");
  const changed = tried.find(({ kind }) => kind === "differs");
  if (changed)
    return harnessFault(`${nameOf(release)} is not what it was: ${changed.reason}${list}`, {
      hint: "if the vendor replaced the archive on purpose, remove its line from tarbisect.lock",
    });
  if (tried.every(({ kind }) => kind === "absent"))
    return harnessFault(`the vendor withdrew ${nameOf(release)}; it was looked for at:${list}`, {
      hint: "if you have the archive: tarbisect import --from FOLDER",
    });
  return harnessFault(`cannot download ${nameOf(release)}:${list}`, {
    hint: "run the command again: what came is kept and the transfer goes on",
  });
}

function differs(release: Release, path: string, difference: string): Error {
  return harnessFault(`${nameOf(release)} is not what it was: ${path}: ${difference}`);
}

function nameOf({ driver, version }: Release): string {
  return `${driver} ${version}`;
}
