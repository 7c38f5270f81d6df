import { usageFault } from "../fault/fault.js";
import { describeCommits, type DescribedCommit } from "./describe-commit.js";
import { planSplit, type SplitPlan } from "./plan-split.js";
import { commitId, readTree } from "./read-tree.js";
import { writeBranch } from "./write-branch.js";

export interface SplitRequest {
  repository: string;
  old: string;
  new: string;
  branch: string;
}

export interface SplitResult {
  branch: string;
  old: string;
  new: string;
  commits: (DescribedCommit & { commit: string })[];
  /** Changed lines of the commits with code. */
  lines: { total: number; median: number; p90: number; largest: number };
  /** One sentence on what was built. */
  built: string;
}

const unverified = "Not built: it may not compile alone (tarbisect split --no-verify).";

/** Cuts the change between two commits of a repository and writes the branch. */
export async function splitRepository(request: SplitRequest): Promise<SplitResult> {
  const { repository, branch } = request;
  const oldCommit = await commitId(repository, request.old);
  const newCommit = await commitId(repository, request.new);
  const plan = planSplit(await readTree(repository, oldCommit), await readTree(repository, newCommit));
  if (plan.commits.length === 0)
    throw usageFault(`"${request.old}" and "${request.new}" have the same files: there is nothing to split`);
  const proofs = plan.commits.map(() => unverified);
  const ids = await writeBranch(plan, { repository, branch, oldCommit, newCommit, proofs });
  return { ...request, ...summary(plan, ids), built: "no commit was built" };
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
