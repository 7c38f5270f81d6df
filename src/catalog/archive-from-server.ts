// The first of a release's URLs that gives an archive: looked at, compared, and only then given its name.
import { rename } from "node:fs/promises";
import { Fault, harnessFault } from "../fault/fault.js";
import { cachedPath, claimPart, dropPart, fingerprint } from "./archive-cache.js";
import { differenceOf, nameOf } from "./archive-difference.js";
import { fileKind, isCutShort } from "./archive-kind.js";
import type { Archive, Means } from "./download.js";
import type { Pin } from "./lock-shape.js";
import type { Release } from "./release.js";
import { transfer } from "./transfer.js";

/** Downloads and pins a release's archive; the fault, when no URL gives it, tells what each of them said. */
export async function fromServers(release: Release, pin: Pin | undefined, means: Means): Promise<Archive> {
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

/** No URL has the release any more: the fault of a release that a vendor withdrew. */
export class AbsentFault extends Fault {}

function nothingGot(release: Release, tried: readonly Tried[]): Error {
  const list = tried.map(({ url, reason }) => `\n  ${url}: ${reason}`).join("");
  const changed = tried.find(({ kind }) => kind === "differs");
  if (changed)
    return harnessFault(`${nameOf(release)} is not what it was: ${changed.reason}${list}`, {
      hint: "if the vendor replaced the archive on purpose, remove its line from tarbisect.lock",
    });
  if (tried.every(({ kind }) => kind === "absent"))
    return new AbsentFault(
      "harness",
      `the vendor withdrew ${nameOf(release)}; it was looked for at:${list}`,
      {
        hint: "if you have the archive: tarbisect import --from FOLDER",
      },
    );
  return harnessFault(`cannot download ${nameOf(release)}:${list}`, {
    hint: "run the command again: what came is kept and the transfer goes on",
  });
}
