// A host that boots another kernel by a command of the user's, such as one that sets the boot loader and reboots.
import { Fault, harnessFault } from "../fault/fault.js";
import { describeEnd, runCommand } from "../host/run-command.js";
import { waitForBoot } from "../step/recover-target.js";
import type { TrialHost } from "../step/trial-hosts.js";

export interface BootOrder {
  kernel: string;
  /** For sh; undefined: the host can't be told which kernel to boot. */
  command: string | undefined;
  env: NodeJS.ProcessEnv;
  bootMs: number;
  signal: AbortSignal;
  note: (text: string) => void;
}

export type BootOutcome = { kind: "booted" } | { kind: "not-bootable"; detail: string };

/** The host runs `kernel` in the end, or the settings say no way to it. Fault: the command fails, or the host is lost. */
export async function bootHost(host: TrialHost, order: BootOrder): Promise<BootOutcome> {
  const before = await runningKernel(host);
  if (before === order.kernel) return { kind: "booted" };
  if (order.command === undefined)
    return {
      kind: "not-bootable",
      detail: `${host.name} runs ${before}, and hosts.${host.name}.boot is not set`,
    };
  const oldBootId = await host.target.bootId();
  order.note(`${host.name} boots ${order.kernel} ...\n`);
  const run = await runCommand(["sh", "-c", order.command], {
    env: { ...order.env, TARBISECT_KERNEL: order.kernel },
    timeoutMs: order.bootMs,
    signal: order.signal,
  });
  if (run.end.kind !== "exited" || run.end.code !== 0)
    throw harnessFault(
      `the boot command of ${host.name} failed: ${describeEnd(run.end)}: ${run.stderr.trim()}`,
    );
  if ((await waitForBoot(host, { oldBootId, signal: order.signal }, order.bootMs)) === undefined)
    throw new Fault(
      "target-lost",
      `${host.name} did not come back with ${order.kernel} in ${order.bootMs / 1000} s`,
    );
  const after = await runningKernel(host);
  if (after !== order.kernel)
    throw harnessFault(`${host.name} booted ${after}, not ${order.kernel}`, {
      hint: `hosts.${host.name}.boot must boot the kernel that TARBISECT_KERNEL names`,
    });
  return { kind: "booted" };
}

async function runningKernel({ name, target }: TrialHost): Promise<string> {
  const result = await target.run("uname -r", { timeoutMs: 15_000 });
  if (result.end.kind === "exited" && result.end.code === 0) return result.stdout.toString().trim();
  throw new Fault("target-lost", `${name} does not answer`);
}
