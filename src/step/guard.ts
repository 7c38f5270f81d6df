// A guard on the target, and the words that keep it from acting.
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { harnessFault } from "../fault/fault.js";
import { describeRemoteEnd } from "../target/target.js";
import { durationMs } from "./duration.js";
import {
  armScript,
  disarmScript,
  guardActsNow,
  guardHasActed,
  wordScript,
  type GuardPlan,
} from "./guard-script.js";
import type { GuardSettings } from "./guard-settings.js";
import type { TrialHost } from "./trial-hosts.js";

export interface Guard {
  /** Whether it acted, or had reason to, before the given performance.now(). */
  mayHaveActed(before: number): boolean;
  /** Milliseconds until it has acted for certain, when it hears nothing from now on. */
  readonly limitMs: number;
  /** Puts the kernel's own driver back now, also over a way that this cuts; false: the target was not heard of again. */
  actNow(): Promise<boolean>;
  /** Ends it and leaves nothing of it on the target. */
  disarm(): Promise<void>;
  /** Says nothing more: it will act. */
  leave(): void;
}

/** A driver that comes back and, where it does not, a reboot take so long at most. */
const actionMs = 140_000;

/** Leaves a guard on the target; harness fault when it does not run there. */
export async function armGuard(
  host: TrialHost,
  at: Pick<GuardPlan, "modules" | "inTree" | "interfaces"> & { settings: GuardSettings },
): Promise<Guard> {
  const silenceMs = durationMs(at.settings.silence);
  const plan: GuardPlan = {
    token: randomBytes(12).toString("hex"),
    silenceSeconds: silenceMs / 1000,
    then: at.settings.then,
    modules: at.modules,
    inTree: at.inTree,
    interfaces: at.interfaces,
  };
  const armed = await host.target.run(armScript(plan), { timeoutMs: actionMs + 60_000 });
  if (!/^armed$/m.test(armed.stdout.toString()))
    throw harnessFault(`${host.name} can't be guarded: ${describeRemoteEnd(armed)}`, {
      hint: "it needs root, /run, setsid and the ip command",
    });
  return new SpokenGuard(host, { plan, silenceMs });
}

class SpokenGuard implements Guard {
  readonly limitMs: number;
  private readonly stopper = new AbortController();
  private readonly speaking: Promise<void>;
  private lastWord = performance.now();
  private acted = false;

  constructor(
    private readonly host: TrialHost,
    private readonly at: { plan: GuardPlan; silenceMs: number },
  ) {
    this.limitMs = at.silenceMs + actionMs;
    this.speaking = this.speak();
  }

  /** Its seconds and ours are not counted from the same moment. */
  mayHaveActed(before: number): boolean {
    return this.acted || before - this.lastWord > this.at.silenceMs - 3000;
  }

  leave(): void {
    this.stopper.abort();
  }

  async actNow(): Promise<boolean> {
    this.leave();
    await this.speaking;
    const { target } = this.host;
    await target.run(guardActsNow, { timeoutMs: 10_000 });
    for (const begun = performance.now(); performance.now() - begun < actionMs;) {
      await sleep(1000);
      const { end } = await target.run(guardHasActed, { timeoutMs: 8000 });
      if (end.kind === "exited" && end.code === 0) return true;
      if (end.kind !== "exited") await target.disconnect();
    }
    return false;
  }

  async disarm(): Promise<void> {
    this.leave();
    await this.speaking;
    const { target } = this.host;
    const { end } = await target.run(disarmScript(this.at.plan), { timeoutMs: actionMs + 60_000 });
    if (end.kind === "exited" && end.code === 9) this.acted = true;
  }

  private async speak(): Promise<void> {
    const everyMs = this.at.silenceMs / 4;
    const { signal } = this.stopper;
    for (;;) {
      await sleep(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      const asked = performance.now();
      const { end } = await this.host.target.run(wordScript(this.at.plan), {
        timeoutMs: Math.max(5000, everyMs),
        stop: signal,
      });
      if (end.kind !== "exited") continue;
      if (end.code === 9) this.acted = true;
      if (end.code !== 0) continue;
      // What it did in the meantime is done.
      this.acted ||= this.mayHaveActed(performance.now());
      this.lastWord = asked;
    }
  }
}
