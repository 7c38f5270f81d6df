import { usageFault } from "../fault/fault.js";
import { describeCommits, type DescribedCommit } from "./describe-commit.js";
import { arrange, cutTrees, planOf, type SplitLimits, type SplitPlan } from "./plan-split.js";
import { againstWhat, proofOf } from "./proof.js";
import { commitId, readTree } from "./read-tree.js";
import {
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
  limits?: SplitLimits;
  signal?: AbortSignal;
  onProgress?: VerifyRequest["onProgress"];
}

type Figures = Pick<VerifiedSplit, "builds" | "failures" | "cpuSeconds" | "elapsedSeconds" | "silent">;

export interface SplitResult {
  branch: string;
  old: string;
  new: string;
  commits: (DescribedCommit & { commit: string })[];
  /** Changed lines of the commits with code. */
  lines: { total: number; median: number; p90: number; largest: number };
  /** What was built; undefined: nothing. */
  verified:
    Pick<VerifiedSplit, "builds" | "failures" | "cpuSeconds" | "elapsedSeconds" | "silent"> | undefined;
  /** One sentence on what was built. */
  built: string;
}

const unverified = {
  says: ["Not built: it may not compile alone (tarbisect split --no-verify)."],
  trailers: [],
};

/** Cuts the change between two commits of a repository, builds each commit if asked to, and writes the branch. */
export async function splitRepository(request: SplitRequest): Promise<SplitResult> {
  const { repository, branch, old, new: now, plan: build } = request;
  const oldCommit = await commitId(repository, old);
  const newCommit = await commitId(repository, now);
  const trees = [await readTree(repository, oldCommit), await readTree(repository, newCommit)] as const;
  const cutting = cutTrees(...trees, request.limits);
  if (cutting.silent.length + cutting.loud.length === 0)
    throw usageFault(`"${old}" and "${now}" have the same files: there is nothing to split`);
  const { signal = new AbortController().signal, onProgress = () => undefined } = request;
  const names = { old, new: now };
  const verified =
    build && (await verifyRepository({ repository, cutting, names, plan: build, signal, onProgress }));
  const plan = planOf(cutting, verified?.groups ?? arrange(cutting));
  const proofs = plan.commits.map((_, at) =>
    verified ? proofOf({ verified, build, cutting }, at) : unverified,
  );
  const ids = await writeBranch(plan, { repository, branch, oldCommit, newCommit, proofs });
  return {
    ...{ branch, old, new: now, ...summary(plan, ids) },
    verified: verified && figuresOf(verified),
    built: verified ? `every commit builds ${againstWhat(build)}` : "no commit was built",
  };
}

function figuresOf({ builds, failures, cpuSeconds, elapsedSeconds, silent }: VerifiedSplit): Figures {
  return { builds, failures, cpuSeconds, elapsedSeconds, silent };
}

function summary(plan: SplitPlan, ids: readonly string[]): Pick<SplitResult, "commits" | "lines"> {
  const commits = describeCommits(plan).map((commit, index) => ({ commit: ids[index]!, ...commit }));
  const sizes = commits.filter(({ hasCode }) => hasCode).map(({ lines }) => lines);
  sizes.sort((a, b) => a - b);
  const at = (share: number): number =>
    sizes[Math.min(sizes.length - 1, Math.floor(sizes.length * share))] ?? 0;
  const total = commits.reduce((sum, { lines }) => sum + lines, 0);
  return { commits, lines: { total, median: at(0.5), p90: at(0.9), largest: sizes.at(-1) ?? 0 } };
}
