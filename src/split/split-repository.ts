import { usageFault } from "../fault/fault.js";
import { holdingLock } from "../host/process-lock.js";
import { describeCommits, type DescribedCommit, type TopicOf } from "./describe-commit.js";
import { arrange, cutTrees, planOf, type SplitLimits } from "./plan-split.js";
import { againstWhat, proofOf } from "./proof.js";
import { commitId, readTree } from "./read-tree.js";
import { keepModules } from "./keep-modules.js";
import { dropObjects, lockPath, splitFolder } from "./verify/state-folder.js";
import {
  stateKey,
  verifyRepository,
  type BuildPlan,
  type VerifiedSplit,
  type VerifyRequest,
} from "./verify/verify-repository.js";
import { writeBranch } from "./write-branch.js";

export interface SplitRequest {
  repository: string;
  old: string;
  new: string;
  branch: string;
  /** How each commit is built; undefined: none is. */
  plan?: BuildPlan | undefined;
  /** Versions of the releases that the change lies between: a step takes the fixups of each. */
  releases?: readonly string[];
  /** The topics of a unit, by its name and file. */
  topicOf?: TopicOf;
  limits?: SplitLimits;
  signal?: AbortSignal;
  onProgress?: VerifyRequest["onProgress"];
}

type Figures = Pick<
  VerifiedSplit,
  "builds" | "failures" | "cpuSeconds" | "elapsedSeconds" | "silent" | "compared"
> & {
  /** Commits whose module a step need not build. */
  kept: number;
};

export interface SplitResult {
  branch: string;
  old: string;
  new: string;
  commits: (DescribedCommit & { commit: string })[];
  /** Changed lines of the commits with code. */
  lines: { total: number; median: number; p90: number; largest: number };
  /** What was built; undefined: nothing. */
  verified: Figures | undefined;
  /** One sentence on what was built. */
  built: string;
}

const unverified = {
  says: ["Not built: it may not compile alone (tarbisect split --no-verify)."],
  trailers: [],
};

/** Cuts the change between two commits of a repository, builds each commit if asked to, and writes the branch. */
export async function splitRepository(request: SplitRequest): Promise<SplitResult> {
  const refusal = (pid: string): Error =>
    usageFault(
      `process ${pid} splits in this repository already`,
      "wait for it, or end it: the same command goes on where it was",
    );
  const lock = await lockPath(request.repository, { isBuilt: request.plan !== undefined });
  return holdingLock(lock, refusal, () => split(request));
}

async function split(request: SplitRequest): Promise<SplitResult> {
  const { repository, branch, old, new: now, plan: build, releases = [], topicOf } = request;
  const oldCommit = await commitId(repository, old);
  const newCommit = await commitId(repository, now);
  const trees = [await readTree(repository, oldCommit), await readTree(repository, newCommit)] as const;
  const cutting = cutTrees(...trees, request.limits);
  if (cutting.silent.length + cutting.loud.length === 0)
    throw usageFault(`"${old}" and "${now}" have the same files: there is nothing to split`);
  const { signal = new AbortController().signal, onProgress = () => undefined } = request;
  const names = { old, new: now };
  const state = build && (await splitFolder(repository, await stateKey(build)));
  const verified =
    build && (await verifyRepository({ cutting, names, plan: build, signal, onProgress }, state!));
  const plan = planOf(cutting, verified?.groups ?? arrange(cutting));
  const proofs = plan.commits.map((_, at) =>
    verified ? proofOf({ verified, build, cutting }, at) : unverified,
  );
  const described = describeCommits(plan, topicOf);
  const trailers = releases.length > 0 ? [`Tarbisect-Releases: ${releases.join(" ")}`] : [];
  const isBuilt = verified !== undefined;
  const input = { repository, branch, oldCommit, newCommit, isBuilt, proofs, described, trailers };
  const ids = await writeBranch(plan, input);
  const result = { branch, old, new: now, ...summary(described, ids) };
  if (!verified || !state) return { ...result, verified: undefined, built: "no commit was built" };
  // The first commit may be what no compiler sees, or not be there: codes begin with the old tree's.
  const codes = verified.codes.slice(-plan.commits.length);
  const { modulesFolder } = verified;
  const kept = await keepModules({ repository, commits: ids, codes, plan: build, modulesFolder });
  await dropObjects(state);
  return {
    ...result,
    verified: figuresOf(verified, kept),
    built: `every commit builds ${againstWhat(build)}`,
  };
}

function figuresOf(verified: VerifiedSplit, kept: number): Figures {
  const { builds, failures, cpuSeconds, elapsedSeconds, silent, compared } = verified;
  return { builds, failures, cpuSeconds, elapsedSeconds, silent, compared, kept };
}

function summary(
  described: readonly DescribedCommit[],
  ids: readonly string[],
): Pick<SplitResult, "commits" | "lines"> {
  const commits = described.map((commit, index) => ({ commit: ids[index]!, ...commit }));
  const sizes = commits.filter(({ hasCode }) => hasCode).map(({ lines }) => lines);
  sizes.sort((a, b) => a - b);
  const at = (share: number): number =>
    sizes[Math.min(sizes.length - 1, Math.floor(sizes.length * share))] ?? 0;
  const total = commits.reduce((sum, { lines }) => sum + lines, 0);
  return { commits, lines: { total, median: at(0.5), p90: at(0.9), largest: sizes.at(-1) ?? 0 } };
}
