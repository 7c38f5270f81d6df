// A branch that split wrote, read back: its two ends, how they were cut, and which slots each commit holds.
import { usageFault } from "../../fault/fault.js";
import { runChecked } from "../../host/run-command.js";
import { treeMixer, type MixTree } from "../mix-trees.js";
import { cutTrees, type Cutting } from "../plan-split.js";
import { commitId, readTree } from "../read-tree.js";
import { parseSlots } from "../slot-list.js";

export interface SplitCommit {
  commit: string;
  subject: string;
  slots: readonly number[];
}

export interface SplitBranch {
  branch: string;
  oldCommit: string;
  cutting: Cutting;
  mix: MixTree;
  /** In the order of the branch. */
  commits: readonly SplitCommit[];
  /** The trailer that names the releases whose fixups its commits need; "" where nobody told. */
  releases: string;
}

/** The branch that holds a commit; a usage fault when split did not write it. */
export async function readSplitBranch(repository: string, branch: string): Promise<SplitBranch> {
  const tip = await commitId(repository, branch);
  const rows = await logOf(repository, tip);
  const commits: SplitCommit[] = [];
  for (const { commit, subject, trailer } of rows) {
    const slots = trailer === "" ? undefined : parseSlots(trailer);
    if (!slots) break;
    commits.unshift({ commit, subject, slots });
  }
  const oldCommit = rows[commits.length]?.commit;
  if (commits.length === 0 || oldCommit === undefined)
    throw usageFault(`"${branch}" is no branch that tarbisect split wrote`, "git branch --list 'split/*'");
  const cutting = cutTrees(await readTree(repository, oldCommit), await readTree(repository, tip));
  const held = commits.flatMap(({ slots }) => slots).sort((a, b) => a - b);
  const changed = [...cutting.silent, ...cutting.loud].sort((a, b) => a - b);
  if (held.join() !== changed.join())
    throw usageFault(`"${branch}" was cut by another version of tarbisect`, "tarbisect split cuts it again");
  return {
    branch,
    oldCommit,
    cutting,
    mix: treeMixer(cutting),
    commits,
    releases: await releasesOf(repository, tip),
  };
}

async function releasesOf(repository: string, commit: string): Promise<string> {
  const format = "--format=%(trailers:key=Tarbisect-Releases)";
  return (await runChecked(["git", "log", "-1", format, commit], { cwd: repository })).toString().trim();
}

/** The split branch that a commit is on. */
export async function branchOf(repository: string, commit: string): Promise<string> {
  const argv = [
    "git",
    "for-each-ref",
    "--contains",
    commit,
    "--format=%(refname:short)",
    "refs/heads/split/",
  ];
  const [first, ...more] = (await runChecked(argv, { cwd: repository }))
    .toString()
    .split("\n")
    .filter(Boolean);
  if (first === undefined)
    throw usageFault(`${commit} is on no branch split/*`, "--branch names another one");
  if (more.length > 0)
    throw usageFault(`${commit} is on ${[first, ...more].join(" and ")}`, "--branch says which one is meant");
  return first;
}

async function logOf(
  repository: string,
  tip: string,
): Promise<{ commit: string; subject: string; trailer: string }[]> {
  const format = "%H%x00%s%x00%(trailers:key=Tarbisect-Slots,valueonly,separator=%x20)";
  const log = await runChecked(["git", "log", "--first-parent", `--format=${format}`, "-z", tip], {
    cwd: repository,
  });
  const fields = log.toString().split("\0");
  return Array.from({ length: Math.floor(fields.length / 3) }, (_, at) => ({
    commit: fields[3 * at]!,
    subject: fields[3 * at + 1]!,
    trailer: fields[3 * at + 2]!.trim(),
  }));
}
