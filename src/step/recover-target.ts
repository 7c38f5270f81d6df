// Brings a target back: waits when it reboots by itself, else off and on, until it answers with a new boot id.
import { setTimeout as sleep } from "node:timers/promises";
import { Fault, messageOf } from "../fault/fault.js";
import { waitUntil } from "./guard-script.js";
import type { TrialHost } from "./trial-hosts.js";

export interface RecoverPlan {
  /** Of the boot that is over. */
  oldBootId: string | undefined;
  /** How long a boot may take. */
  bootMs: number;
  /** How long a kernel that panicked may take to reboot by itself before its power is switched. */
  patienceMs: number;
  /** Why it is down, for the fault. */
  cause: string;
  signal: AbortSignal;
  note: (text: string) => void;
}

/** A new boot. */
export interface Recovery {
  bootId: string;
  /** It came without a switch of its power: the machine had rebooted by itself. */
  byItself: boolean;
}

const lookEveryMs = 500;

/** Fault "target-lost", with the first cause, when it does not come back. */
export async function recoverTarget(host: TrialHost, plan: RecoverPlan): Promise<Recovery> {
  plan.note(`${host.name} is down (${plan.cause}): bringing it back\n`);
  const { power } = host.target;
  if (power === undefined) await askToReboot(host, plan.oldBootId);
  const alone = await waitForBoot(host, plan, power === undefined ? plan.bootMs : plan.patienceMs);
  if (alone !== undefined) return { bootId: alone, byItself: true };
  if (power === undefined)
    throw lost(host, plan, `it did not come back in ${plan.bootMs / 1000} s, and it has no power switch`);
  await host.target.disconnect();
  try {
    await power.cycle();
  } catch (error) {
    throw lost(host, plan, messageOf(error), error);
  }
  const bootId = await waitForBoot(host, plan, plan.bootMs);
  if (bootId !== undefined) return { bootId, byItself: false };
  const still = await host.target.bootId();
  throw lost(
    host,
    plan,
    still === undefined
      ? `it did not boot in ${plan.bootMs / 1000} s after its power was switched off and on`
      : "the power switch says that it went off and on, but it is still in the same boot",
  );
}

/** A kernel that failed and still answers; nothing of it is trusted to end in order. */
async function askToReboot({ target }: TrialHost, oldBootId: string | undefined): Promise<void> {
  if (oldBootId === undefined || (await target.bootId()) !== oldBootId) return;
  const begun = "/run/tarbisect-reboot";
  const reboot = `echo >${begun}; sync & sleep 2; echo b >/proc/sysrq-trigger || reboot -f`;
  const script = `rm -f ${begun}\nsetsid sh -c '${reboot}' >/dev/null 2>&1 </dev/null &\n${waitUntil(begun)}`;
  await target.run(script, { timeoutMs: 75_000 });
}

/** The id of another boot than the old one, or undefined when there is none in time. */
export async function waitForBoot(
  host: TrialHost,
  plan: Pick<RecoverPlan, "oldBootId" | "signal">,
  limitMs: number,
): Promise<string | undefined> {
  const deadline = performance.now() + limitMs;
  while (performance.now() < deadline) {
    plan.signal.throwIfAborted();
    const bootId = await host.target.bootId();
    if (bootId !== undefined && bootId !== plan.oldBootId) return bootId;
    if (bootId === undefined) await host.target.disconnect();
    await sleep(lookEveryMs, undefined, { signal: plan.signal });
  }
  return undefined;
}

function lost({ name }: TrialHost, { cause }: RecoverPlan, detail: string, error?: unknown): Fault {
  return new Fault("target-lost", `${name} is lost: ${cause}; ${detail}`, {
    cause: error,
    hint: `bring ${name} up by hand; the next step goes on when it answers`,
  });
}
