// A culprit of a bisect checked in its repository: trees made for that are commits of no branch, each tested n times.
import { usageFault } from "../../fault/fault.js";
import { runChecked, runCommand } from "../../host/run-command.js";
import { commitId } from "../read-tree.js";
import type { SourceTree } from "../slot.js";
import { treeKey } from "../verify/tree-build.js";
import { changesBetween } from "../write-branch.js";
import { checkCulprit, type TrialVerdict } from "./check-culprit.js";
import { branchOf, readSplitBranch, type SplitBranch, type SplitCommit } from "./read-branch.js";

export interface CheckRequest {
  repository: string;
  /** A commit of the branch; the bisect's refs/bisect/bad (of a fix: fixed) when left out. */
  culprit?: string | undefined;
  branch?: string | undefined;
  /** The older release is the bad one, and the culprit is what mended it. */
  isFix: boolean;
  /** How often each tree is tested; one bad trial is bad. */
  times: number;
  /** Tests a commit once. */
  test: (commit: string) => Promise<Tested>;
  onTrial: (trial: Trial) => void;
}

export interface Tested {
  verdict: TrialVerdict;
  /** Of a clean trial, how likely the bug stayed unseen, where that is known; of a skip: it was clean, but for too little. */
  missChance?: number;
}

export interface Trial {
  /** What the tree is, in words. */
  what: string;
  commit: string;
  verdict: TrialVerdict;
}

type Named = Pick<SplitCommit, "commit" | "subject">;

export interface CheckResult {
  branch: string;
  /** The older release is the bad one: each word below is of what mends it. */
  isFix: boolean;
  causes: Named[];
  leftOut: Named[];
  partners: Named[];
  brought: Named[];
  /** Whether the culprit alone turns the older release. */
  isAlone: boolean;
  trials: Trial[];
  /** The bad release made good, as git diff prints it. */
  patch: string;
}

export async function checkRepository(request: CheckRequest): Promise<CheckResult> {
  const { repository } = request;
  const culprit = await commitId(
    repository,
    request.culprit ?? `refs/bisect/${request.isFix ? "fixed" : "bad"}`,
  );
  const split = await readSplitBranch(repository, request.branch ?? (await branchOf(repository, culprit)));
  const at = split.commits.findIndex(({ commit }) => commit === culprit);
  if (at < 0) throw usageFault(`${culprit} is not on ${split.branch}`, `git log ${split.branch}`);
  const trees = new Trees(split, request);
  try {
    return await checked(trees, at);
  } finally {
    await trees.forget();
  }
}

async function checked(trees: Trees, at: number): Promise<CheckResult> {
  const { split, request } = trees;
  const { isFix } = request;
  const check = await checkCulprit(split, at, async (commits, base) => {
    const verdict = await trees.test(commits, base);
    return isFix ? opposite[verdict] : verdict;
  });
  const taken = new Set([at, ...check.partners, ...check.brought]);
  const [from, good] = isFix
    ? [split.oldCommit, await trees.commit(taken, "old")]
    : [
        split.branch,
        await trees.commit(
          trees.commits((index) => !check.without.includes(index)),
          "new",
        ),
      ];
  const diff = ["git", "diff", "--no-color", "--no-ext-diff", "--binary", from, good, "--"];
  const named = (places: readonly number[]): Named[] =>
    places.map((place) => ({ commit: split.commits[place]!.commit, subject: split.commits[place]!.subject }));
  return {
    branch: split.branch,
    isFix,
    causes: named(check.causes),
    leftOut: named(check.leftOut),
    partners: named(check.partners),
    brought: named(check.brought),
    isAlone: check.isBadAlone,
    trials: trees.trials,
    patch: (await runChecked(diff, { cwd: request.repository })).toString("latin1"),
  };
}

/** A fix is the culprit of its release's being good. */
const opposite = { good: "bad", bad: "good", skip: "skip" } as const satisfies Record<
  TrialVerdict,
  TrialVerdict
>;

function wasClean({ verdict, missChance }: Tested): boolean {
  return verdict === "good" || (verdict === "skip" && missChance !== undefined);
}

/** How likely the bug may have stayed unseen in all trials of a tree. */
const mostMissed = 0.1;

/** Clean trials of which each was too short count together: their chances of a miss multiply. */
function verdictOfAll(tested: readonly Tested[]): TrialVerdict {
  const other = tested.find((one) => !wasClean(one));
  if (other !== undefined) return other.verdict;
  if (tested.every(({ verdict }) => verdict === "good")) return "good";
  const missed = tested.reduce((product, { missChance = 1 }) => product * missChance, 1);
  return missed <= mostMissed ? "good" : "skip";
}

const checkRef = "refs/tarbisect/check";

class Trees {
  readonly trials: Trial[] = [];
  readonly #verdicts = new Map<string, TrialVerdict>();

  constructor(
    readonly split: SplitBranch,
    readonly request: CheckRequest,
  ) {}

  async test(commits: ReadonlySet<number>, base: "old" | "new"): Promise<TrialVerdict> {
    const key = treeKey(this.#tree(commits));
    const known = this.#verdicts.get(key);
    if (known) return known;
    const commit = await this.commit(commits, base);
    const tested: Tested[] = [];
    while (tested.length < this.request.times && tested.every(wasClean)) {
      const one = await this.request.test(commit);
      tested.push(one);
      const trial = { what: this.#describe(commits, base), commit, verdict: one.verdict };
      this.trials.push(trial);
      this.request.onTrial(trial);
    }
    const verdict = verdictOfAll(tested);
    this.#verdicts.set(key, verdict);
    return verdict;
  }

  commits(isIn: (at: number) => boolean): Set<number> {
    return new Set(this.split.commits.map((_, at) => at).filter(isIn));
  }

  /** A commit of no branch with this tree, after the release that it is nearer to. */
  async commit(commits: ReadonlySet<number>, base: "old" | "new"): Promise<string> {
    const { cutting, oldCommit, branch, releases } = this.split;
    const { repository } = this.request;
    const parent = base === "old" ? oldCommit : await commitId(repository, branch);
    const before: SourceTree = base === "old" ? cutting.oldTree : cutting.newTree;
    const ref = checkRef;
    const message = Buffer.from(`${this.#describe(commits, base)}\n\n${releases}\n`);
    const who = "tarbisect split check <split@tarbisect.invalid> 0 +0000";
    const stream = Buffer.concat([
      Buffer.from(
        `feature done\nreset ${ref}\nfrom ${parent}\n\ncommit ${ref}\nauthor ${who}\ncommitter ${who}\n`,
      ),
      Buffer.from(`data ${message.length}\n`),
      message,
      Buffer.from("\n"),
      ...changesBetween(before, this.#tree(commits)),
      Buffer.from("done\n"),
    ]);
    await runChecked(["git", "fast-import", "--quiet", "--force"], { cwd: repository, stdin: stream });
    return commitId(repository, ref);
  }

  /** Takes away the name of the last commit; evidence tells its id, and git keeps it for some weeks. */
  async forget(): Promise<void> {
    await runCommand(["git", "update-ref", "-d", checkRef], { cwd: this.request.repository });
  }

  #tree(commits: ReadonlySet<number>): SourceTree {
    const applied = [...commits].flatMap((at) => this.split.commits[at]!.slots);
    return this.split.mix(new Set([...this.split.cutting.silent, ...applied]));
  }

  #describe(commits: ReadonlySet<number>, base: "old" | "new"): string {
    const { length } = this.split.commits;
    const [old, recent] = this.request.isFix ? ["bad", "good"] : ["good", "bad"];
    if (base === "old") return `the ${old} release with ${commits.size} of ${length} changes`;
    return `the ${recent} release without ${length - commits.size} of ${length} changes`;
  }
}
