import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { compareVersions } from "../catalog/version.js";
import { usageFault } from "../fault/fault.js";
import { runChecked, runCommand } from "../host/run-command.js";
import { BlobSpool, type SpooledBlob } from "./blob-spool.js";
import { ensureRepository, isBisecting, readExisting, type ExistingRelease } from "./existing.js";
import { dataOf, openFastImport, quotePath, type FastImport } from "./fast-import.js";
import { planHistory, type HistoryPlan, type HistoryStep } from "./plan-history.js";
import { readRelease, sha256Of, type ReadRelease, type ReleaseSource } from "./read-release.js";
import { identity, messageOfCommit, releasesBranch, tagOf } from "./release-commit.js";

export interface ImportOptions {
  /** The repository, made when it isn't there. */
  folder: string;
  /** Let later commits move when a hole is filled. */
  rebuild?: boolean;
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
  await ensureRepository(folder);
  const unfinished = join(folder, ".git", "tarbisect-importing");
  if (!existsSync(unfinished)) await refuseDirtyTree(folder);
  const existing = await readExisting(folder);
  const wanted = await newSources(sources, existing);
  const spoolPath = join(folder, ".git", "tarbisect-blobs");
  const spool = new BlobSpool(spoolPath);
  try {
    const plan = planHistory(existing, await readAll(wanted, spool, options));
    refuseHoles(plan, options);
    if (plan.steps.some((step) => step.kind === "add")) {
      await writeFile(unfinished, "");
      await writeHistory(plan, spool, options);
    }
  } finally {
    spool.remove();
  }
  if (existsSync(unfinished)) {
    await checkOut(folder);
    await rm(unfinished);
  }
  return {
    added: wanted.map(({ source }) => source.version).sort(compareVersions),
    kept: existing.map(({ version }) => version),
    tip: (await runChecked(["git", "rev-parse", `refs/heads/${releasesBranch}`], { cwd: folder }))
      .toString()
      .trim(),
  };
}

interface WantedSource {
  source: ReleaseSource;
  sha256: string;
}

async function newSources(
  sources: readonly ReleaseSource[],
  existing: readonly ExistingRelease[],
): Promise<WantedSource[]> {
  const byVersion = new Map(existing.map((release) => [release.version, release]));
  const wanted: WantedSource[] = [];
  for (const source of sources) {
    const sha256 = await sha256Of(source.archivePath);
    const known = byVersion.get(source.version);
    if (known === undefined) wanted.push({ source, sha256 });
    else if (known.sha256 !== sha256)
      throw usageFault(
        `release ${source.version} is in the history from an archive with SHA-256 ${known.sha256 ?? "unknown"}, but ${basename(source.archivePath)} has ${sha256}`,
        "import into another folder with --into to compare them",
      );
  }
  return wanted;
}

async function readAll(
  wanted: readonly WantedSource[],
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
      const { source, sha256 } = wanted[at]!;
      results[at] = await readRelease(source, sha256, spool);
      options.onProgress?.({ version: source.version, read: ++read, of: wanted.length });
    }
  };
  await Promise.all(Array.from({ length: READ_AT_ONCE }, worker));
  return results;
}

function refuseHoles(plan: HistoryPlan<ReadRelease>, options: ImportOptions): void {
  if (plan.filledHoles.length === 0) return;
  const holes = plan.filledHoles.join(", ");
  if (isBisecting(options.folder))
    throw usageFault(
      `a bisect is under way in ${options.folder}, and ${holes} would move the commits after it`,
      "git bisect reset, then import again",
    );
  if (!options.rebuild)
    throw usageFault(
      `${holes} would come before releases that are already imported: their commits would get new ids`,
      "say --rebuild to accept that",
    );
}

async function writeHistory(
  plan: HistoryPlan<ReadRelease>,
  spool: BlobSpool,
  options: ImportOptions,
): Promise<void> {
  const stream = openFastImport(options.folder, options.signal);
  try {
    const marks = await writeBlobs(plan, spool, stream);
    let mark = marks.size;
    let parent: string | undefined;
    await stream.write(`reset refs/heads/${releasesBranch}\n\n`);
    for (const step of plan.steps) {
      if (step.kind === "keep") {
        parent = step.release.commit;
        continue;
      }
      await stream.write(commitText(step, { mark: ++mark, parent, marks }));
      await stream.write(tagText(step, mark));
      parent = `:${mark}`;
    }
    await stream.finish();
  } catch (error) {
    stream.abandon();
    throw error;
  }
}

/** Each unique blob once, grouped by file name in version order; gives their marks by blob id. */
async function writeBlobs(
  plan: HistoryPlan<ReadRelease>,
  spool: BlobSpool,
  stream: FastImport,
): Promise<Map<string, number>> {
  const unique = new Map<string, { blob: SpooledBlob; name: string; order: number }>();
  plan.steps.forEach((step, order) => {
    if (step.kind !== "add") return;
    for (const { path, kept } of step.release.files)
      if (!unique.has(kept.id)) unique.set(kept.id, { blob: kept, name: basename(path), order });
  });
  const ordered = [...unique.values()].sort((a, b) =>
    a.name < b.name ? -1 : a.name > b.name ? 1 : a.order - b.order,
  );
  const marks = new Map<string, number>();
  for (const { blob } of ordered) {
    marks.set(blob.id, marks.size + 1);
    await stream.write(`blob\nmark :${marks.size}\ndata ${blob.sizeBytes}\n`);
    await stream.write(spool.read(blob));
    await stream.write("\n");
  }
  return marks;
}

function commitText(
  step: HistoryStep<ReadRelease>,
  at: { mark: number; parent: string | undefined; marks: ReadonlyMap<string, number> },
): string {
  const [time, message] =
    step.kind === "add"
      ? [step.release.commit.time, messageOfCommit(step.release.commit)]
      : [step.release.time, step.release.message];
  const tree =
    step.kind === "add"
      ? step.release.files
          .map(({ path, mode, kept }) => `M ${mode} :${at.marks.get(kept.id)!} ${quotePath(path)}\n`)
          .join("")
      : `M 040000 ${step.release.tree} ""\n`;
  return [
    `commit refs/heads/${releasesBranch}\nmark :${at.mark}\n`,
    `author ${identity} ${time} +0000\ncommitter ${identity} ${time} +0000\n`,
    dataOf(message),
    at.parent === undefined ? "" : `from ${at.parent}\n`,
    `deleteall\n${tree}\n`,
  ].join("");
}

function tagText(step: HistoryStep<ReadRelease>, mark: number): string {
  const { version, time, subject } =
    step.kind === "add"
      ? { ...step.release.commit, subject: `${step.release.commit.driver} ${step.release.commit.version}` }
      : { ...step.release, subject: step.release.message.split("\n")[0]! };
  return `tag ${tagOf(version)}\nfrom :${mark}\ntagger ${identity} ${time} +0000\n${dataOf(`${subject}\n`)}`;
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

/** Follows the branch where it is checked out; a bisect's or the user's own checkout stays as it is. */
async function checkOut(folder: string): Promise<void> {
  if (await isOnReleases(folder)) await runChecked(["git", "reset", "-q", "--hard"], { cwd: folder });
}

async function isOnReleases(folder: string): Promise<boolean> {
  const { stdout } = await runCommand(["git", "symbolic-ref", "-q", "HEAD"], { cwd: folder });
  return stdout.toString().trim() === `refs/heads/${releasesBranch}`;
}
