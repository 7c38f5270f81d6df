// A bisect names one commit; whether it is the cause is shown the other way round: the bad release without it is good,
// and the good release with it is bad. Where not, further changes take part, and each is found by a bisect of its own.
import { harnessFault } from "../../fault/fault.js";
import { closureOf, type Closure } from "./closure.js";
import type { SplitBranch } from "./read-branch.js";

export type TrialVerdict = "good" | "bad" | "skip";

/** Tests the tree with these commits (indexes) of the branch; `base` is the release that it is nearer to. */
export type TestCommits = (commits: ReadonlySet<number>, base: "old" | "new") => Promise<TrialVerdict>;

export interface CulpritCheck {
  /** The commits (indexes) without which the bad release is good; the culprit first. */
  causes: number[];
  /** What also had to be left out for it to build. */
  leftOut: number[];
  /** All commits but these make the good tree that revert.patch leads to. */
  without: number[];
  /** Commits that the culprit must meet in the good release to be bad there; none when it is bad alone. */
  partners: number[];
  /** What the culprit and its partners needed to build in the good release. */
  brought: number[];
  /** Whether the good release with it was bad. */
  isBadAlone: boolean;
}

/** Everything a set can need or be needed by; deeper chains were not seen in any driver. */
const depths = [0, 1, 2, 64];
const mostCauses = 8;

export async function checkCulprit(
  { cutting, commits }: SplitBranch,
  culprit: number,
  test: TestCommits,
): Promise<CulpritCheck> {
  return new Check(closureOf(cutting, commits), commits.length, test).run(culprit);
}

class Check {
  constructor(
    readonly closure: Closure,
    readonly count: number,
    readonly test: TestCommits,
  ) {}

  async run(culprit: number): Promise<CulpritCheck> {
    const { causes, left } = await this.#without(culprit);
    const { partners, brought, isBad } = await this.#with(culprit);
    const leftOut = [...left].filter((at) => !causes.includes(at));
    return {
      causes,
      leftOut,
      without: [...left],
      partners,
      brought,
      isBadAlone: isBad && partners.length === 0,
    };
  }

  /** Leaves out causes until the bad release is good. */
  async #without(culprit: number): Promise<{ causes: number[]; left: Set<number> }> {
    const causes = [culprit];
    while (causes.length <= mostCauses) {
      const upTo = (last: number, left: ReadonlySet<number>): Set<number> =>
        this.#all((at) => at < last && !left.has(at));
      const found = await this.#settle((depth) => {
        const left = this.closure.needing(new Set(causes), depth);
        return { left, tree: upTo(this.count, left) };
      }, "new");
      if (found === undefined || found.verdict === "good")
        return { causes, left: found?.left ?? this.#all((at) => at >= culprit) };
      // Bad without the causes: the first commit that makes it so is one more.
      const next = await this.#firstBad([culprit, this.count], async (last) => {
        const settled = await this.#settle((depth) => {
          const left = this.closure.needing(new Set(causes), depth);
          return { left, tree: upTo(last, left) };
        }, "new");
        return settled?.verdict ?? "skip";
      });
      if (causes.includes(next)) break;
      causes.push(next);
    }
    throw harnessFault(`no set of ${mostCauses} changes explains the failure`, {
      hint: "does the test fail now and then? --times 5",
    });
  }

  /** Brings partners along until the good release is bad. */
  async #with(culprit: number): Promise<{ partners: number[]; brought: number[]; isBad: boolean }> {
    const partners: number[] = [];
    for (;;) {
      const set = new Set([culprit, ...partners]);
      const found = await this.#settle((depth) => {
        const left = this.closure.needed(set, depth);
        return { left, tree: left };
      }, "old");
      const brought = [...(found?.left ?? [])].filter((at) => !set.has(at));
      if (found?.verdict !== "good") return { partners, brought, isBad: found?.verdict === "bad" };
      if (partners.length >= mostCauses) return { partners, brought, isBad: false };
      const next = await this.#firstBad([0, culprit], async (last) => {
        const settled = await this.#settle((depth) => {
          const left = this.closure.needed(set, depth);
          return { left, tree: new Set([...left, ...this.#all((at) => at < last)]) };
        }, "old");
        return settled?.verdict ?? "skip";
      });
      if (set.has(next)) return { partners, brought, isBad: false };
      partners.push(next);
    }
  }

  /** The first tree, with ever more of what belongs to it, that can be tested at all. */
  async #settle(
    treeAt: (depth: number) => { left: Set<number>; tree: Set<number> },
    base: "old" | "new",
  ): Promise<{ left: Set<number>; verdict: "good" | "bad" } | undefined> {
    let size = -1;
    for (const depth of depths) {
      const { left, tree } = treeAt(depth);
      if (left.size === size) continue;
      size = left.size;
      const verdict = await this.test(tree, base);
      if (verdict !== "skip") return { left, verdict };
    }
    return undefined;
  }

  /** The commit (index) that turns the series bad: with all before `low` it is good, with all before `high` bad. */
  async #firstBad(
    [low, high]: [number, number],
    test: (last: number) => Promise<TrialVerdict>,
  ): Promise<number> {
    let [good, bad] = [low, high];
    while (bad - good > 1) {
      const middle = Math.floor((good + bad) / 2);
      // What can't be tested is taken as good: the answer is then the end of that stretch, which can be.
      if ((await test(middle)) === "bad") bad = middle;
      else good = middle;
    }
    return bad - 1;
  }

  #all(isIn: (at: number) => boolean): Set<number> {
    return new Set(Array.from({ length: this.count }, (_, at) => at).filter(isIn));
  }
}
