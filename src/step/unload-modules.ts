// Takes modules out of the target's kernel, and puts the kernel's own driver back.
import { harnessFault } from "../fault/fault.js";
import { quote } from "../target/remote-command.js";
import type { RemoteEnd } from "../target/remote-command.js";
import { parseModules, unloadOrder } from "./target-modules.js";
import type { TrialHost } from "./trial-hosts.js";

export type UnloadOutcome =
  | { kind: "unloaded"; names: string[] }
  /** It is in use, or hangs on its way out. */
  | { kind: "stuck"; detail: string }
  | { kind: "lost"; detail: string };

/** Unloads what is loaded of `names` with everything that needs it. */
export async function unloadModules(
  { target }: TrialHost,
  names: readonly string[],
  timeoutMs: number,
): Promise<UnloadOutcome> {
  const listed = await target.run("cat /proc/modules", { timeoutMs: 15_000 });
  if (listed.end.kind !== "exited") return { kind: "lost", detail: lostDetail(listed.end) };
  const order = unloadOrder(parseModules(listed.stdout.toString()), names);
  if (order.length === 0) return { kind: "unloaded", names: order };
  const script = order.map((name) => `rmmod ${quote(name)} 2>&1 || exit 1`).join("\n");
  const result = await target.run(script, { timeoutMs });
  switch (result.end.kind) {
    case "exited": {
      const words = result.stdout.toString().trim().split("\n").at(-1) ?? "";
      return result.end.code === 0
        ? { kind: "unloaded", names: order }
        : { kind: "stuck", detail: words === "" ? `rmmod ended with ${result.end.code}` : words };
    }
    case "timed-out":
      return { kind: "stuck", detail: `rmmod ${order.join(", ")} does not end` };
    case "stopped":
    case "lost":
      return { kind: "lost", detail: lostDetail(result.end) };
  }
}

/** Each network card without a driver gets the one that the kernel's own index names for it. */
export const driversByCard = `for each in /sys/bus/pci/devices/*; do
  read -r class <"$each/class"
  case $class in 0x02*) [ -e "$each/driver" ] || modprobe -q "$(cat "$each/modalias")" || true;; esac
done`;

/**
 * The kernel's own driver is back: the module under test is out, and the cards have the driver of the settings or of
 * the kernel's index. Tells what did not work; undefined: all did.
 */
export async function restoreDrivers(
  host: TrialHost,
  at: {
    modules: readonly string[];
    inTree: string | undefined;
    timeoutMs: number;
    /** While no driver has the cards. */
    whenUnloaded?: () => Promise<void>;
  },
): Promise<string | undefined> {
  const unloaded = await unloadModules(host, at.modules, at.timeoutMs);
  if (unloaded.kind !== "unloaded") return unloaded.detail;
  await at.whenUnloaded?.();
  const script = `${at.inTree === undefined ? "" : `modprobe ${quote(at.inTree)} || exit 1\n`}${driversByCard}`;
  const result = await host.target.run(script, { timeoutMs: at.timeoutMs });
  if (result.end.kind === "exited" && result.end.code === 0) return undefined;
  return `the kernel's own driver does not come back: ${result.stderr.trim().split("\n").at(-1) || lostDetail(result.end)}`;
}

/** As `unloadModules` for a target that must be able to do it: what is stuck or lost is a harness fault. */
export function expectUnloaded(host: TrialHost, outcome: UnloadOutcome): void {
  if (outcome.kind === "unloaded") return;
  throw harnessFault(`the old module can't be taken out of ${host.name}: ${outcome.detail}`, {
    hint: "lsmod there shows who uses it; a reboot helps when it hangs",
  });
}

function lostDetail(end: RemoteEnd): string {
  return end.kind === "lost" ? end.detail : end.kind;
}
