// A plan becomes blobs, commits and tags in one stream. SUMS is checked while git packs what it got: summing costs as
// much as reading, and git's process has a core of its own.
import { basename } from "node:path";
import { bsdSum, checkSums, type BsdSum } from "../tarballs/sums.js";
import type { BlobSpool, SpooledBlob } from "./blob-spool.js";
import { dataOf, openFastImport, quotePath, type FastImport } from "./fast-import.js";
import type { HistoryPlan, HistoryStep } from "./plan-history.js";
import type { ReadRelease } from "./read-release.js";
import { identity, messageOfCommit, releasesBranch, tagOf } from "./release-commit.js";

/** Writes what the plan adds or rewrites; git sees all of it or nothing. */
export async function writeHistory(
  plan: HistoryPlan<ReadRelease>,
  spool: BlobSpool,
  repository: { folder: string; signal?: AbortSignal },
): Promise<void> {
  const stream = openFastImport(repository.folder, repository.signal);
  try {
    const written = await writeBlobs(plan, spool, stream);
    let mark = written.size;
    let parent: string | undefined;
    await stream.write(`reset refs/heads/${releasesBranch}\n\n`);
    for (const step of plan.steps) {
      if (step.kind === "keep") {
        parent = step.release.commit;
        continue;
      }
      await stream.write(commitAndTag(toCommit(step, written), { mark: ++mark, parent }));
      parent = `:${mark}`;
    }
    await stream.finish();
  } catch (error) {
    stream.abandon();
    throw error;
  }
}

interface WrittenBlob {
  mark: number;
  sum: BsdSum;
}

/** Each unique blob once, grouped by file name in version order; by blob id. */
async function writeBlobs(
  plan: HistoryPlan<ReadRelease>,
  spool: BlobSpool,
  stream: FastImport,
): Promise<Map<string, WrittenBlob>> {
  const unique = new Map<string, { blob: SpooledBlob; name: string; order: number }>();
  plan.steps.forEach((step, order) => {
    if (step.kind !== "add") return;
    for (const { path, kept } of step.release.files)
      if (!unique.has(kept.id)) unique.set(kept.id, { blob: kept, name: basename(path), order });
  });
  const ordered = [...unique.values()].sort((a, b) =>
    a.name < b.name ? -1 : a.name > b.name ? 1 : a.order - b.order,
  );
  const written = new Map<string, WrittenBlob>();
  for (const { blob } of ordered) {
    const mark = written.size + 1;
    const content = spool.read(blob);
    await stream.write(`blob\nmark :${mark}\ndata ${blob.sizeBytes}\n`);
    await stream.write(content);
    await stream.write("\n");
    written.set(blob.id, { mark, sum: bsdSum(content) });
  }
  return written;
}

/** A commit as fast-import wants it, but for its mark and parent. */
interface Commit {
  version: string;
  time: number;
  message: string;
  /** Its M lines. */
  tree: string;
}

function toCommit(
  step: Exclude<HistoryStep<ReadRelease>, { kind: "keep" }>,
  written: ReadonlyMap<string, WrittenBlob>,
): Commit {
  if (step.kind === "rewrite") return { ...step.release, tree: `M 040000 ${step.release.tree} ""\n` };
  const { files, sumsText, version } = step.release;
  const sums = new Map(files.map(({ path, kept }) => [path, written.get(kept.id)!.sum]));
  const commit = step.release.commit(sumsText === undefined ? undefined : checkSums(sumsText, sums));
  const lines = files.map(
    ({ path, mode, kept }) => `M ${mode} :${written.get(kept.id)!.mark} ${quotePath(path)}\n`,
  );
  return { version, time: commit.time, message: messageOfCommit(commit), tree: lines.join("") };
}

function commitAndTag(commit: Commit, at: { mark: number; parent: string | undefined }): string {
  const who = `${identity} ${commit.time} +0000\n`;
  return [
    `commit refs/heads/${releasesBranch}\nmark :${at.mark}\nauthor ${who}committer ${who}`,
    dataOf(commit.message),
    at.parent === undefined ? "" : `from ${at.parent}\n`,
    `deleteall\n${commit.tree}\n`,
    `tag ${tagOf(commit.version)}\nfrom :${at.mark}\ntagger ${who}`,
    dataOf(`${commit.message.split("\n")[0]!}\n`),
  ].join("");
}
