// Modules built before their trial, while the target is busy with another one, and what each one's code is. What is
// built lands in the cache, where the step finds it; nothing that goes wrong here counts, the step will say it again.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { codeOfModule } from "../split/verify/same-code.js";
import { buildForTarget, type BuildPlan } from "./build-for-target.js";
import { commitUnderTest } from "./commit-under-test.js";
import type { TrialHost } from "./trial-hosts.js";

export interface AheadPlan {
  cwd: string;
  build: BuildPlan;
  /** Nothing is run on it. */
  host: TrialHost;
  signal: AbortSignal;
}

/** Builds for one kernel, each commit once. */
export class BuildAhead {
  readonly #codes = new Map<string, Promise<string | undefined>>();
  #aborts = new Map<string, AbortController>();

  constructor(
    readonly plan: AheadPlan,
    /** The release that the target runs. */
    readonly kernel: string,
  ) {}

  /** Names the commit's code; undefined where it does not build, or nobody can tell. A nice build gives way to all else. */
  codeOf(commit: string, { isNice }: { isNice: boolean }): Promise<string | undefined> {
    const known = this.#codes.get(commit);
    if (known !== undefined) return known;
    const abort = new AbortController();
    const signal = AbortSignal.any([abort.signal, this.plan.signal]);
    const code = this.#build(commit, { signal, isNice }).catch(() => {
      this.#codes.delete(commit); // another try may go better
      return undefined;
    });
    this.#codes.set(commit, code);
    this.#aborts.set(commit, abort);
    void code.finally(() => this.#aborts.delete(commit));
    return code;
  }

  /** Ends the builds under way but for one commit's. */
  async stopAllBut(commit: string | undefined): Promise<void> {
    const others = [...this.#aborts].filter(([other]) => other !== commit);
    for (const [, abort] of others) abort.abort();
    await Promise.all(others.map(([other]) => this.#codes.get(other) ?? Promise.resolve(undefined)));
  }

  async #build(
    commit: string,
    { signal, isNice }: { signal: AbortSignal; isNice: boolean },
  ): Promise<string | undefined> {
    const { cwd, build, host } = this.plan;
    const under = await commitUnderTest(cwd, commit);
    const evidence = await mkdtemp(join(tmpdir(), "tarbisect-ahead-"));
    try {
      const io = { evidence, signal, note: () => undefined };
      const made = await buildForTarget({ ...build, isNice }, { under, host, running: this.kernel }, io);
      if (made.kind === "failed") return undefined;
      const codes = await Promise.all(made.modules.map(({ path }) => codeOfModule(path, signal)));
      return codes.join(" ");
    } finally {
      await rm(evidence, { recursive: true, force: true });
    }
  }
}
