// A plan becomes blobs, commits and tags. The blobs go to two processes of git, because packing costs more than all
// the rest and one process packs on one core; SUMS is checked meanwhile.
import { basename } from "node:path";
import { checkSums, type BsdSum } from "../tarballs/sums.js";
import { feedBlobs } from "./blob-feed.js";
import type { BlobSpool, SpooledBlob } from "./blob-spool.js";
import { dataOf, openFastImport, quotePath } from "./fast-import.js";
import type { HistoryPlan, HistoryStep } from "./plan-history.js";
import type { ReadRelease } from "./read-release.js";
import { identity, messageOfCommit, tagOf, type HistoryLine } from "./release-commit.js";

/** Below this a second process of git costs more than it saves. */
const WORTH_SHARING_BYTES = 8 * 1024 * 1024;

/**
 * Writes what the plan adds or rewrites, and gives the branch's new tip; git sees all of it or nothing but blobs that
 * no commit names yet.
 */
export async function writeHistory(
  plan: HistoryPlan<ReadRelease>,
  spool: BlobSpool,
  repository: { folder: string; line: HistoryLine; signal?: AbortSignal },
): Promise<string> {
  const shares = shareOut(blobGroups(plan));
  const [first, ...others] = shares.map((blobs) => ({
    blobs,
    stream: openFastImport(repository.folder, repository.signal),
  }));
  const stream = first!.stream;
  try {
    const sums = new Map<string, BsdSum>();
    await Promise.all([
      feedBlobs(first!.blobs, { spool, stream, sums }),
      ...others.map(async (other) => {
        await feedBlobs(other.blobs, { spool, stream: other.stream, sums });
        await other.stream.finish();
      }),
    ]);
    await stream.write(commitsOf(plan, sums, repository.line));
    return await stream.finish();
  } catch (error) {
    for (const { stream: opened } of [first!, ...others]) opened.abandon();
    throw error;
  }
}

/**
 * Each unique blob once, grouped by file name, the newest first: the checkout of the newest release, which ends an
 * import, then applies no deltas.
 */
function blobGroups(plan: HistoryPlan<ReadRelease>): SpooledBlob[][] {
  const groups = new Map<string, SpooledBlob[]>();
  const seen = new Set<string>();
  for (const step of plan.steps.toReversed()) {
    if (step.kind !== "add") continue;
    for (const { path, kept } of step.release.files) {
      if (seen.has(kept.id)) continue;
      seen.add(kept.id);
      const name = basename(path);
      const group = groups.get(name);
      if (group) group.push(kept);
      else groups.set(name, [kept]);
    }
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

/** One list of blobs per process of git, of about the same size; a group stays whole. */
function shareOut(groups: readonly SpooledBlob[][]): SpooledBlob[][] {
  const sized = groups.map((group) => ({
    group,
    bytes: group.reduce((sum, blob) => sum + blob.sizeBytes, 0),
  }));
  const allBytes = sized.reduce((sum, { bytes }) => sum + bytes, 0);
  if (allBytes < WORTH_SHARING_BYTES) return [groups.flat()];
  const shares = [0, 1].map(() => ({ bytes: 0, groups: [] as SpooledBlob[][] }));
  for (const { group, bytes } of sized.sort((a, b) => b.bytes - a.bytes)) {
    const lightest = shares[0]!.bytes <= shares[1]!.bytes ? shares[0]! : shares[1]!;
    lightest.bytes += bytes;
    lightest.groups.push(group);
  }
  return shares.map((share) => share.groups.flat());
}

/** Every commit and tag that the plan adds or rewrites, as one piece of the stream. */
function commitsOf(
  plan: HistoryPlan<ReadRelease>,
  sums: ReadonlyMap<string, BsdSum>,
  line: HistoryLine,
): string {
  const pieces = [`reset refs/heads/${line.branch}\n\n`];
  let mark = 0;
  let parent: string | undefined;
  for (const step of plan.steps) {
    if (step.kind === "keep") {
      parent = step.release.commit;
      continue;
    }
    pieces.push(commitAndTag(toCommit(step, sums), { line, mark: ++mark, parent }));
    parent = `:${mark}`;
  }
  return `${pieces.join("")}get-mark :${mark}\n`;
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
  blobSums: ReadonlyMap<string, BsdSum>,
): Commit {
  if (step.kind === "rewrite") return { ...step.release, tree: `M 040000 ${step.release.tree} ""\n` };
  const { files, sumsText, version } = step.release;
  const sums = new Map(files.map(({ path, kept }) => [path, blobSums.get(kept.id)!]));
  const commit = step.release.commit(sumsText === undefined ? undefined : checkSums(sumsText, sums));
  const lines = files.map(({ path, mode, kept }) => `M ${mode} ${kept.id} ${quotePath(path)}\n`);
  return { version, time: commit.time, message: messageOfCommit(commit), tree: lines.join("") };
}

function commitAndTag(
  commit: Commit,
  at: { line: HistoryLine; mark: number; parent: string | undefined },
): string {
  const who = `${identity} ${commit.time} +0000\n`;
  return [
    `commit refs/heads/${at.line.branch}\nmark :${at.mark}\nauthor ${who}committer ${who}`,
    dataOf(commit.message),
    at.parent === undefined ? "" : `from ${at.parent}\n`,
    `deleteall\n${commit.tree}\n`,
    `tag ${tagOf(commit.version, at.line)}\nfrom :${at.mark}\ntagger ${who}`,
    dataOf(`${commit.message.split("\n")[0]!}\n`),
  ].join("");
}
