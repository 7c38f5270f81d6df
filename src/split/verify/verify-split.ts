// Every tree between the old and the new one is built, from both ends towards the middle: what has been built stays as
// it is, and what a failure teaches only reorders or joins the changes in between, so that no build is done in vain.
import { usageFault } from "../../fault/fault.js";
import { treeMixer } from "../mix-trees.js";
import { arrange, type Cutting } from "../plan-split.js";
import { estimateCosts } from "./costs.js";
import type { Front, Lanes } from "./lanes.js";
import { Lessons } from "./lessons.js";
import { treeKey, type Outcome, type TreeToBuild } from "./tree-build.js";

export interface VerifyProgress {
  verified: number;
  total: number;
  builds: number;
  failed: number;
  /** What is left to do, as a share of all (0 to 1). */
  left: number;
}

export interface VerifyInput {
  cutting: Cutting;
  lanes: Lanes;
  /** How the two trees are named in messages. */
  names: { old: string; new: string };
  onProgress: (progress: VerifyProgress) => void;
}

export interface Verified {
  /** Groups of slots in the order of the commits; the trees between them all build. */
  groups: { members: number[] }[];
  /** What the module does after the old tree, after what no compiler sees, and after each group. */
  codes: (string | undefined)[];
  failures: number;
  /** How many groups the lane from the old tree built. */
  met: number;
}

/** How many trees each lane may be ahead of what was decided. */
const ahead = 8;

/** A usage fault when the old or the new tree itself does not build. */
export async function verifySplit(input: VerifyInput): Promise<Verified> {
  return new Verification(input).run();
}

class Verification {
  readonly #mix;
  readonly #lessons;
  readonly #costs;
  readonly #silent: ReadonlySet<number>;
  readonly #clock = { forward: 0, backward: 0 };
  readonly #prefix: number[][] = [];
  readonly #suffix: number[][] = [];
  #middle: number[][];
  #failures = 0;

  constructor(readonly input: VerifyInput) {
    const { cutting } = input;
    this.#mix = treeMixer(cutting);
    this.#silent = new Set(cutting.silent);
    this.#lessons = new Lessons(cutting);
    this.#costs = estimateCosts(cutting);
    this.#middle = arrange(cutting).map(({ members }) => members);
  }

  async run(): Promise<Verified> {
    await this.#buildEnds();
    while (this.#middle.length > 1) {
      const front: Front = this.#clock.forward <= this.#clock.backward ? "forward" : "backward";
      const tree = this.#tree(this.#applied(front, 1));
      // What is known already must not set lanes to work on what nobody may come to ask for.
      if (!this.input.lanes.isKnown(tree)) this.#lookAhead();
      const outcome = await this.input.lanes.build(front, tree);
      if (outcome.kind === "built") this.#advance(front);
      else this.#repair(front, { tree, outcome });
      this.#report();
    }
    const groups = [...this.#prefix, ...this.#middle, ...this.#suffix].map((members) => ({ members }));
    const met = this.#prefix.length;
    return { groups, codes: await this.#codes(groups), failures: this.#failures, met };
  }

  async #buildEnds(): Promise<void> {
    const { names, lanes, cutting } = this.input;
    const ends = [
      { front: "forward", name: names.old, tree: this.#tree(new Set()) },
      { front: "backward", name: names.new, tree: this.#tree(new Set([...cutting.silent, ...cutting.loud])) },
    ] as const;
    const outcomes = await Promise.all(ends.map(({ front, tree }) => lanes.build(front, tree)));
    for (const [at, outcome] of outcomes.entries())
      if (outcome.kind === "failed")
        throw usageFault(
          `${ends[at]!.name} itself does not build: ${outcome.firstError}`,
          "a fixup in the driver's catalog can mend it; --no-verify cuts without building",
        );
    const first = await lanes.build("forward", this.#tree(this.#silent));
    if (first.kind === "failed")
      throw usageFault(`${names.old} with the comments of ${names.new} does not build: ${first.firstError}`);
  }

  #advance(front: Front): void {
    const group = (front === "forward" ? this.#middle.shift() : this.#middle.pop())!;
    if (front === "forward") this.#prefix.push(group);
    else this.#suffix.unshift(group);
    this.#clock[front] += this.#costs.of(group);
  }

  #repair(front: Front, failed: { tree: TreeToBuild; outcome: Outcome & { kind: "failed" } }): void {
    this.#failures++;
    const at = front === "forward" ? 0 : this.#middle.length - 1;
    this.#lessons.learn({
      front,
      tree: failed.tree.tree,
      applied: this.#applied(front, 1),
      errors: failed.outcome.errors,
      group: this.#middle[at]!,
      rest: this.#middle.filter((_, index) => index !== at).flat(),
    });
    const members = this.#middle.flat().sort((a, b) => a - b);
    this.#middle = arrange(this.input.cutting, members, this.#lessons).map((group) => group.members);
  }

  /** What is applied after `count` more groups from the left, or before the last `count` groups of the middle. */
  #applied(front: Front, count: number): Set<number> {
    const taken = front === "forward" ? this.#middle.slice(0, count) : this.#middle.slice(0, -count);
    return new Set([...this.#silent, ...this.#prefix.flat(), ...taken.flat()]);
  }

  #lookAhead(): void {
    for (const front of ["forward", "backward"] as const) {
      const counts = Array.from({ length: Math.min(ahead, this.#middle.length - 1) }, (_, at) => at + 1);
      this.input.lanes.expect(
        front,
        counts.map((count) => this.#tree(this.#applied(front, count))),
      );
    }
  }

  #tree(applied: ReadonlySet<number>): TreeToBuild {
    const tree = this.#mix(applied);
    return { key: treeKey(tree), tree };
  }

  async #codes(groups: readonly { members: number[] }[]): Promise<(string | undefined)[]> {
    const applied = new Set<number>();
    const codes: (string | undefined)[] = [];
    for (const members of [[], [...this.#silent], ...groups.map((group) => group.members)]) {
      for (const index of members) applied.add(index);
      const outcome = await this.input.lanes.build("forward", this.#tree(applied));
      codes.push(outcome.kind === "built" ? outcome.code : undefined);
    }
    return codes;
  }

  #report(): void {
    const [done, left] = [[...this.#prefix, ...this.#suffix], this.#middle].map((groups) =>
      groups.reduce((sum, group) => sum + this.#costs.of(group), 0),
    ) as [number, number];
    this.input.onProgress({
      verified: this.#prefix.length + this.#suffix.length,
      total: this.#prefix.length + this.#middle.length + this.#suffix.length,
      builds: this.input.lanes.builds,
      failed: this.#failures,
      left: left / Math.max(1, done + left),
    });
  }
}
