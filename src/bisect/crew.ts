// Identical targets at work: who tests what, who rests after a fault, and who is left out. What ends is handed over one at
// a time, so that whoever drives the bisect stays a plain loop.
import { Fault } from "../fault/fault.js";
import type { Trial } from "../step/run-step.js";

export interface CrewPlan {
  /** Names; at least one. */
  targets: readonly string[];
  test: (commit: string, on: { target: string; signal: AbortSignal }) => Promise<Trial>;
  /** How often in a row a fault of ours is met by another try before the target is left out. */
  retries: number;
  /** Waits so many milliseconds; throws when the signal or the user ends it. */
  wait: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Milliseconds of a clock that never goes back. */
  nowMs: () => number;
}

export type Ended =
  | { kind: "trial"; target: string; index: number; trial: Trial; minutes: number }
  /** No verdict; the target tries again after a wait. */
  | { kind: "failed"; target: string; fault: Fault; waitMs: number }
  /** No verdict, once too often: the target does nothing more. */
  | { kind: "left-out"; target: string; fault: Fault }
  /** It can be used again: its wait is over, or the trial that was called off has ended. */
  | { kind: "free"; target: string };

interface Work {
  /** Undefined while the target rests. */
  index: number | undefined;
  ended: Promise<() => Ended>;
  callOff: () => void;
}

export class Crew {
  readonly #work = new Map<string, Work>();
  readonly #faults = new Map<string, number>();
  readonly #out = new Set<string>();

  readonly #end = new AbortController();

  constructor(private readonly plan: CrewPlan) {}

  /** Targets that can begin a trial. */
  get free(): string[] {
    return this.plan.targets.filter((target) => !this.#out.has(target) && !this.#work.has(target));
  }

  /** Places in the line that are under test. */
  get pending(): number[] {
    return [...this.#work.values()].flatMap(({ index }) => (index === undefined ? [] : [index]));
  }

  get isLost(): boolean {
    return this.#out.size === this.plan.targets.length;
  }

  start(target: string, { index, commit }: { index: number; commit: string }): void {
    const abort = new AbortController();
    const begunMs = this.plan.nowMs();
    const done = (trial: Trial) => (): Ended => {
      this.#faults.delete(target);
      return { kind: "trial", target, index, trial, minutes: (this.plan.nowMs() - begunMs) / 60_000 };
    };
    const failed = (error: unknown) => (): Ended => {
      if (abort.signal.aborted) return { kind: "free", target };
      return this.#afterFault(target, error);
    };
    const ended = this.plan.test(commit, { target, signal: abort.signal }).then(done, failed);
    this.#work.set(target, { index, ended, callOff: () => abort.abort() });
  }

  /** Calls off the trials that can't tell anything any more; they end soon. */
  callOff(isIdle: (index: number) => boolean): void {
    for (const { index, callOff } of this.#work.values()) if (index !== undefined && isIdle(index)) callOff();
  }

  /** What ends next; throws what is no matter of one target. There must be work under way. */
  async next(): Promise<Ended> {
    const works = [...this.#work].map(([target, { ended }]) => ended.then((tell) => ({ target, tell })));
    if (works.length === 0) throw new Error("nothing is under way");
    const { target, tell } = await Promise.race(works);
    this.#work.delete(target);
    return tell();
  }

  /** Calls off all that is under way, and waits for its end. */
  async stop(): Promise<void> {
    this.callOff(() => true);
    this.#end.abort();
    await Promise.all([...this.#work.values()].map(({ ended }) => ended));
  }

  #afterFault(target: string, error: unknown): Ended {
    if (!mayPass(error)) throw error;
    const faults = (this.#faults.get(target) ?? 0) + 1;
    this.#faults.set(target, faults);
    if (faults > this.plan.retries) {
      this.#out.add(target);
      return { kind: "left-out", target, fault: error };
    }
    const waitMs = 30_000 * 2 ** (faults - 1);
    const rested = this.plan.wait(waitMs, this.#end.signal).then(
      () => (): Ended => ({ kind: "free", target }),
      (reason: unknown) => (): Ended => {
        throw reason;
      },
    );
    this.#work.set(target, { index: undefined, ended: rested, callOff: () => undefined });
    return { kind: "failed", target, fault: error, waitMs };
  }
}

/** A lost connection, a peer that is down: a while later the same may go well. */
function mayPass(error: unknown): error is Fault {
  return error instanceof Fault && (error.blame === "harness" || error.blame === "target-lost");
}
