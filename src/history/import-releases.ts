import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fingerprint } from "../catalog/archive-cache.js";
import { compareVersions } from "../catalog/version.js";
import { usageFault } from "../fault/fault.js";
import { runChecked, runCommand } from "../host/run-command.js";
import type { ArchiveLimits } from "../tarballs/limits.js";
import { BlobSpool } from "./blob-spool.js";
import { isRepository, makeRepository, readExisting, type ExistingRelease } from "./existing.js";
import { planHistory } from "./plan-history.js";
import { refuseHoles } from "./refuse-holes.js";
import { readRelease, type ReadRelease, type ReleaseSource } from "./read-release.js";
import { releasesLine } from "./release-commit.js";
import { takeAway } from "./take-away.js";
import { writeHistory } from "./write-history.js";

export interface ImportOptions {
  /** The repository, made when it isn't there. */
  folder: string;
  /** Let later commits move when a hole is filled. */
  rebuild?: boolean;
  /** What one archive may grow to; by default the usual. */
  limits?: ArchiveLimits;
  signal?: AbortSignal;
  onProgress?: (done: { version: string; read: number; of: number }) => void;
}

export interface ImportResult {
  added: string[];
  /** Versions that were there already. */
  kept: string[];
  tip: string;
}

/** Archives read at once: inflating runs beside hashing, and more than this only costs memory. */
const READ_AT_ONCE = 3;

/** What of the unique contents waits in memory: with the rest of an import it stays below 250 MB. */
const SPOOL_MEMORY_BYTES = 64 * 1024 * 1024;

/**
 * Brings the releases into the history at `folder`: one commit and annotated tag each, in numeric version order.
 * What is there already stays; killed at any point, the same call completes it. Throws a usage fault where a hole
 * would be filled without `rebuild`, during a bisect, or where a version came from another archive.
 */
export async function importReleases(
  sources: readonly ReleaseSource[],
  options: ImportOptions,
): Promise<ImportResult> {
  const { folder } = options;
  const isNew = !(await isRepository(folder));
  const undo = takeAway(folder, isNew);
  const unfinished = join(folder, ".git", "tarbisect-importing");
  if (!isNew && !existsSync(unfinished)) await refuseDirtyTree(folder);
  const existing = isNew ? [] : await readExisting(folder, releasesLine);
  const wanted = await newSources(sources, existing);
  const spool = new BlobSpool(join(folder, ".git", "tarbisect-blobs"), SPOOL_MEMORY_BYTES);
  let tip = existing.at(-1)?.commit ?? "";
  try {
    const made = isNew ? makeRepository(folder) : Promise.resolve();
    const [releases] = await Promise.allSettled([readAll(wanted, spool, options), made]);
    if (releases.status === "rejected") {
      await undo();
      throw releases.reason;
    }
    await made;
    const plan = planHistory(existing, releases.value);
    refuseHoles(plan.filledHoles, options);
    if (plan.steps.some((step) => step.kind === "add")) {
      await writeFile(unfinished, "");
      tip = await writeHistory(plan, spool, { folder, line: releasesLine, signal: options.signal });
    }
  } finally {
    spool.remove();
  }
  if (existsSync(unfinished)) {
    if (isNew || (await isOnReleases(folder))) await checkOut(folder);
    await rm(unfinished);
  }
  return {
    added: wanted.map(({ version }) => version).sort(compareVersions),
    kept: existing.map(({ version }) => version),
    tip,
  };
}

async function newSources(
  sources: readonly ReleaseSource[],
  existing: readonly ExistingRelease[],
): Promise<ReleaseSource[]> {
  const byVersion = new Map(existing.map((release) => [release.version, release]));
  const wanted: ReleaseSource[] = [];
  for (const source of sources) {
    const known = byVersion.get(source.version);
    if (known === undefined) {
      wanted.push(source);
      continue;
    }
    const sha256 = source.sha256 ?? (await fingerprint(source.archivePath)).sha256;
    if (known.sha256 !== sha256)
      throw usageFault(
        `release ${source.version} is in the history from an archive with SHA-256 ${known.sha256 ?? "unknown"}, but ${basename(source.archivePath)} has ${sha256}`,
        "import into another folder with --into to compare them",
      );
  }
  return wanted;
}

async function readAll(
  wanted: readonly ReleaseSource[],
  spool: BlobSpool,
  options: ImportOptions,
): Promise<ReadRelease[]> {
  const results = new Array<ReadRelease>(wanted.length);
  let next = 0;
  let read = 0;
  const worker = async (): Promise<void> => {
    while (next < wanted.length) {
      options.signal?.throwIfAborted();
      const at = next++;
      const source = wanted[at]!;
      results[at] = await readRelease(source, { spool, limits: options.limits }).catch((error: unknown) => {
        next = wanted.length; // the others need not be read
        throw error;
      });
      options.onProgress?.({ version: source.version, read: ++read, of: wanted.length });
    }
  };
  // All must have ended before the spool is closed: a late writer could meet another file under its descriptor.
  const ends = await Promise.allSettled(Array.from({ length: READ_AT_ONCE }, worker));
  const failed = ends.find((end) => end.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return results;
}

async function refuseDirtyTree(folder: string): Promise<void> {
  if (!(await isOnReleases(folder))) return;
  const status = (
    await runChecked(["git", "status", "--porcelain", "--untracked-files=no"], { cwd: folder })
  ).toString();
  if (status !== "")
    throw usageFault(
      `the work tree of ${folder} has changes (${status.trim().split("\n")[0]!})`,
      "commit or stash them first",
    );
}

/** Follows the branch; not where a bisect or the user has checked out something else. */
async function checkOut(folder: string): Promise<void> {
  await runChecked(["git", "reset", "-q", "--hard"], { cwd: folder });
}

async function isOnReleases(folder: string): Promise<boolean> {
  const { stdout } = await runCommand(["git", "symbolic-ref", "-q", "HEAD"], { cwd: folder });
  return stdout.toString().trim() === `refs/heads/${releasesLine.branch}`;
}
