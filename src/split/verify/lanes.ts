// Two lanes build at once, one from each end. Each lane also builds ahead what will most likely be asked for next; what
// it is asked for, and so the result, does not depend on how fast either is.
import type { Outcomes } from "./outcomes.js";
import type { Outcome, TreeBuilder, TreeToBuild } from "./tree-build.js";

export type Front = "forward" | "backward";

export class Lanes {
  /** Builds that came to an end, failed ones included. */
  builds = 0;
  readonly #stop = new AbortController();
  readonly #queues: Record<Front, TreeToBuild[]> = { forward: [], backward: [] };
  readonly #running: Record<Front, Promise<void> | undefined> = { forward: undefined, backward: undefined };
  readonly #waiting = new Map<
    string,
    { resolve: (outcome: Outcome) => void; reject: (why: unknown) => void }
  >();
  readonly #begun = new Set<string>();
  #failure: { why: unknown } | undefined;

  constructor(
    readonly builders: Readonly<Record<Front, TreeBuilder>>,
    readonly outcomes: Outcomes,
    readonly signal: AbortSignal,
  ) {
    signal.addEventListener("abort", () => this.#stop.abort(signal.reason), { once: true });
  }

  /** A tree's outcome, from what is known or from its lane. */
  async build(front: Front, tree: TreeToBuild): Promise<Outcome> {
    const known = this.outcomes.get(tree.key);
    if (known) return known;
    if (this.#failure) throw this.#failure.why;
    const outcome = new Promise<Outcome>((resolve, reject) =>
      this.#waiting.set(tree.key, { resolve, reject }),
    );
    this.expect(front, [tree, ...this.#queues[front].filter(({ key }) => key !== tree.key)]);
    return outcome;
  }

  isKnown({ key }: TreeToBuild): boolean {
    return this.outcomes.get(key) !== undefined;
  }

  /** What a lane will most likely be asked for next, in that order; it replaces what was expected before. */
  expect(front: Front, trees: readonly TreeToBuild[]): void {
    this.#queues[front] = trees.filter(({ key }) => !this.outcomes.get(key) && !this.#begun.has(key));
    this.#start(front);
  }

  #start(front: Front): void {
    if (this.#running[front] || this.#queues[front].length === 0 || this.#isOver()) return;
    this.#running[front] = this.#work(front).finally(() => {
      this.#running[front] = undefined;
      this.#start(front); // what was expected while the lane was ending
    });
  }

  #isOver(): boolean {
    return this.#stop.signal.aborted || this.#failure !== undefined;
  }

  /** Ends what is still built ahead. */
  async close(): Promise<void> {
    this.#queues.forward = this.#queues.backward = [];
    this.#stop.abort();
    await Promise.all([this.#running.forward, this.#running.backward]);
  }

  async #work(front: Front): Promise<void> {
    for (;;) {
      await Promise.resolve();
      const next = this.#queues[front].shift();
      if (next === undefined || this.#isOver()) return;
      if (this.#begun.has(next.key)) continue; // the lanes are near each other, and the other one was quicker
      this.#begun.add(next.key);
      try {
        const outcome = await this.builders[front].build(next, this.#stop.signal);
        this.builds++;
        this.outcomes.add(next.key, outcome);
        // What comes after a failure will be another tree.
        if (outcome.kind === "failed")
          this.#queues[front] = this.#queues[front].filter(({ key }) => this.#waiting.has(key));
        this.#waiting.get(next.key)?.resolve(outcome);
        this.#waiting.delete(next.key);
      } catch (why) {
        this.#failure = { why };
        for (const { reject } of this.#waiting.values()) reject(why);
        return;
      }
    }
  }
}
