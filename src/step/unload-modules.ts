// Takes modules out of the target's kernel, and puts the kernel's own driver back.
import { harnessFault } from "../fault/fault.js";
import { quote } from "../target/remote-command.js";
import type { RemoteEnd } from "../target/remote-command.js";
import type { RemoteResult } from "../target/target.js";
import type { TrialHost } from "./trial-hosts.js";

export type UnloadOutcome =
  | { kind: "unloaded" }
  /** It is in use, or hangs on its way out. */
  | { kind: "stuck"; detail: string }
  | { kind: "lost"; detail: string };

/** sh: `out MODULE` takes a module out after all that use it; what is not loaded is out. */
export const takeModuleOut = `out() {
  users=$(sed -n "s/^$1 [0-9]* [0-9]* \\([^ ]*\\) .*/\\1/p" /proc/modules)
  [ -n "$users" ] || return 0
  for user in $(echo "$users" | tr ',-' '  '); do out "$user" || return 1; done
  rmmod "$1"
}`;

/** What an unloading has printed once all are out. */
const allOut = "@out";

function unloadScript(names: readonly string[]): string {
  return `exec 2>&1
${takeModuleOut}
for module in ${names.map(quote).join(" ")}; do out "$module" || exit 1; done
echo "${allOut}"`;
}

/** Unloads what is loaded of `names` with everything that needs it. */
export async function unloadModules(
  { target }: TrialHost,
  names: readonly string[],
  timeoutMs: number,
): Promise<UnloadOutcome> {
  return readUnload(await target.run(unloadScript(names), { timeoutMs }), names);
}

function readUnload({ end, stdout }: RemoteResult, names: readonly string[]): UnloadOutcome {
  const lines = stdout.toString().trim().split("\n");
  if (lines.includes(allOut)) return { kind: "unloaded" };
  switch (end.kind) {
    case "exited":
      return { kind: "stuck", detail: lines.at(-1) || `rmmod ended with ${end.code}` };
    case "timed-out":
      return { kind: "stuck", detail: `rmmod of ${names.join(", ")} does not end` };
    case "stopped":
    case "lost":
      return { kind: "lost", detail: lostDetail(end) };
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
  const { timeoutMs } = at;
  const load = `${at.inTree === undefined ? "" : `modprobe ${quote(at.inTree)} || exit 1\n`}${driversByCard}`;
  const unload = unloadScript(at.modules);
  let result =
    at.whenUnloaded === undefined
      ? await host.target.run(`${unload}\n${load}`, { timeoutMs: 2 * timeoutMs })
      : await host.target.run(unload, { timeoutMs });
  const unloaded = readUnload(result, at.modules);
  if (unloaded.kind !== "unloaded") return unloaded.detail;
  if (at.whenUnloaded !== undefined) {
    await at.whenUnloaded();
    result = await host.target.run(`exec 2>&1\n${load}`, { timeoutMs });
  }
  if (result.end.kind === "exited" && result.end.code === 0) return undefined;
  const said = result.stdout.toString().replace(`${allOut}\n`, "").trim().split("\n").at(-1);
  return `the kernel's own driver does not come back: ${said || lostDetail(result.end)}`;
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
