// A plan's commits as a branch, through git fast-import: the same plan gives the same commit ids on every machine.
import { harnessFault } from "../fault/fault.js";
import { runChecked } from "../host/run-command.js";
import { renderMessage, type DescribedCommit, type Proof } from "./describe-commit.js";
import { treesOf } from "./mix-trees.js";
import type { SplitPlan } from "./plan-split.js";
import { renderSlots } from "./slot-list.js";
import type { SourceTree } from "./slot.js";

export interface BranchInput {
  repository: string;
  /** Short name: "split/v2.12.6-to-v2.13.10"; an existing branch of that name is replaced. */
  branch: string;
  oldCommit: string;
  newCommit: string;
  /** Two can be written at once: what was built, and what was only planned. */
  isBuilt: boolean;
  /** What each message says about builds, by commit of the plan. */
  proofs: readonly Proof[];
  /** The commits in words, in the plan's order. */
  described: readonly DescribedCommit[];
  /** Further trailers of each commit. */
  trailers: readonly string[];
}

/** Writes the branch and gives its commit ids; the last one's tree is the new commit's tree, or it is a fault. */
export async function writeBranch(plan: SplitPlan, input: BranchInput): Promise<string[]> {
  const { repository, branch, oldCommit, newCommit, isBuilt } = input;
  const git = async (...args: string[]): Promise<string> =>
    (await runChecked(["git", ...args], { cwd: repository })).toString().trim();
  await git("check-ref-format", "--branch", branch);
  // fast-import writes to a name of its own first, so that a broken off run leaves the branch as it was.
  const part = `refs/tarbisect/${branch}.${isBuilt ? "built" : "planned"}`;
  const time = await git("show", "-s", "--format=%at", newCommit);
  const stream = importStream(plan, { ...input, part, when: Number(time) });
  await runChecked(["git", "fast-import", "--quiet", "--force"], { cwd: repository, stdin: stream });
  const trees = await git("rev-parse", `${part}^{tree}`, `${newCommit}^{tree}`);
  const [made, wanted] = trees.split("\n");
  if (made !== wanted)
    throw harnessFault(`the last commit's tree is ${made}, but ${newCommit} has ${wanted}`);
  const ids = (await git("rev-list", "--reverse", `${oldCommit}..${part}`)).split("\n").filter(Boolean);
  await git("update-ref", `refs/heads/${branch}`, part);
  await git("update-ref", "-d", part);
  return ids;
}

function importStream(plan: SplitPlan, input: BranchInput & { part: string; when: number }): Buffer {
  const pieces: Buffer[] = [];
  const put = (text: string): void => void pieces.push(Buffer.from(text, "latin1"));
  let before = plan.oldTree;
  let index = -1;
  for (const tree of treesOf(plan)) {
    index++;
    const slots = `Tarbisect-Slots: ${renderSlots(plan.commits[index]!.slots)}`;
    const message = Buffer.from(
      renderMessage(input.described[index]!, {
        proof: input.proofs[index]!,
        trailers: [slots, ...input.trailers],
      }),
    );
    // One second apart: git orders commits by date in many places.
    const who = `tarbisect split <split@tarbisect.invalid> ${input.when + index + 1} +0000`;
    put(`commit ${input.part}\nauthor ${who}\ncommitter ${who}\ndata ${message.length}\n`);
    pieces.push(message);
    put(`\n${index === 0 ? `from ${input.oldCommit}\n` : ""}`);
    pieces.push(...changesBetween(before, tree));
    before = tree;
  }
  put(`done\n`);
  return Buffer.concat([Buffer.from("feature done\n"), ...pieces]);
}

/** What fast-import must be told to make one tree of another. */
export function changesBetween(before: SourceTree, after: SourceTree): Buffer[] {
  const pieces: Buffer[] = [];
  const put = (text: string): void => void pieces.push(Buffer.from(text, "latin1"));
  for (const path of before.keys()) if (!after.has(path)) put(`D ${quotePath(path)}\n`);
  for (const [path, file] of after) {
    if (before.get(path) === file) continue;
    if (file.mode === "160000") {
      put(`M ${file.mode} ${file.content.toString()} ${quotePath(path)}\n`);
      continue;
    }
    put(`M ${file.mode} inline ${quotePath(path)}\ndata ${file.content.length}\n`);
    pieces.push(file.content);
    put("\n");
  }
  return pieces;
}

/** fast-import's C-style quoting; paths are bytes held as latin1. */
function quotePath(path: string): string {
  const escaped = path.replace(/["\\]/g, "\\$&").replace(/\n/g, "\\n");
  return `"${escaped}"`;
}
