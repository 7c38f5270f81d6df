// After the stages: is the target still the one that was tested, and what brings it back to a known state?
import { setTimeout as sleep } from "node:timers/promises";
import { kernelMemory, type KernelMemory } from "../evidence/kernel-memory.js";
import { readMeminfo } from "../evidence/meminfo.js";
import { readVmstat } from "../evidence/vmstat.js";
import { Fault, harnessFault } from "../fault/fault.js";
import { durationMs } from "./duration.js";
import { collectLastBoot, type PstoreRecords } from "./last-boot.js";
import { recoverTarget } from "./recover-target.js";
import type { Course, TrialInput } from "./trial-course.js";
import type { TrialHost, TrialIo } from "./trial-hosts.js";
import type { TrialSettings } from "./trial-settings.js";
import { restoreDrivers } from "./unload-modules.js";
import type { Alarm, Watch } from "./watch.js";

export interface Seen {
  alarm: Alarm | undefined;
  /** The target stopped answering or is in another boot. */
  dead: boolean;
}

/** Until an event's text has come, and until a silence is long enough to be one. */
const settleMs = 2500;
const restoreLimitMs = 60_000;
/** For a kernel that says in how many seconds it reboots, or one that writes its dump first. */
const rebootPatienceMs = 25_000;
const longPatienceMs = 120_000;

/** Waits for what the watch may still find. Harness fault when the target's power is off or its switch is gone. */
export async function lookAtTarget(
  host: TrialHost,
  at: { settings: TrialSettings; course: Course; watch: Watch; bootId: string },
): Promise<Seen> {
  const { target } = host;
  const early = at.course.alarm;
  const ended = at.course.stress.kind;
  const bootId = early?.kind === "silent" ? undefined : await target.bootId();
  const well = bootId === at.bootId;
  const waitMs = well ? (ended === "clean" ? 0 : settleMs) : durationMs(at.settings.watch.silence) + 15_000;
  const alarm = early ?? (await Promise.race([at.watch.alarm, sleep(waitMs, undefined, { ref: false })]));
  if (well && alarm?.kind !== "rebooted" && alarm?.kind !== "silent") return { alarm, dead: false };
  // One unanswered question without an alarm is our connection's doing until a second one tells more.
  if (bootId === undefined && alarm === undefined) {
    const again = await target.bootId();
    if (again === at.bootId) return { alarm, dead: false };
    if (again === undefined)
      throw harnessFault(`${host.name} does not say which boot it is in, and nothing tells that it died`);
  }
  await expectPowered(host);
  return { alarm, dead: true };
}

/** A machine that was switched off under the test did not fail, and one whose switch is gone can't be judged. */
async function expectPowered({ name, target }: TrialHost): Promise<void> {
  if ((await target.power?.status()) !== "off") return;
  throw harnessFault(`${name} was switched off while it was tested`, {
    hint: "its power status says off, and nothing here did that",
  });
}

export interface Recovered {
  lastBoot: string;
  /** It did not come back. */
  lost: Fault | undefined;
  /** It was found in a new boot without a switch of its power. */
  rebooted: boolean;
  /** What did not work on the way back to the kernel's own driver. */
  problem: string | undefined;
  /** What the kernel held while no driver had the cards; undefined when that was not to be seen. */
  afterUnload?: KernelMemory;
}

/** A failed kernel is booted anew, also when it still answers; a sound one gets its own driver back. */
export async function recoverAfter(
  settings: TrialSettings,
  input: TrialInput & { seen: Seen; console: string; bootId: string; pstore: PstoreRecords },
  io: TrialIo,
): Promise<Recovered> {
  const { hosts, modules, seen } = input;
  const failed = seen.dead || seen.alarm?.kind === "kernel-event";
  if (!failed) {
    const names = modules.map(({ file }) => file.name);
    const { inTree } = settings.load;
    let afterUnload: KernelMemory | undefined;
    const problem = await restoreDrivers(hosts.target, {
      modules: names,
      inTree,
      timeoutMs: restoreLimitMs,
      whenUnloaded: async () => {
        if (settings.cycles !== undefined) afterUnload = await readKernelMemory(hosts.target);
      },
    });
    return { lastBoot: "", lost: undefined, problem, rebooted: false, ...(afterUnload && { afterUnload }) };
  }
  try {
    const { byItself } = await recoverTarget(hosts.target, {
      oldBootId: input.bootId,
      bootMs: settings.bootMs,
      patienceMs: patienceFor(seen, input.console, settings.bootMs),
      cause: describeAlarm(seen.alarm),
      ...io,
    });
    const lastBoot = await collectLastBoot(hosts.target, input.pstore, io.evidence);
    return { lastBoot, lost: undefined, problem: undefined, rebooted: seen.dead && byItself };
  } catch (error) {
    if (!(error instanceof Fault) || error.blame !== "target-lost") throw error;
    return { lastBoot: "", lost: error, problem: undefined, rebooted: false };
  }
}

/** What is freed by RCU and by the workqueues of the module's end has come back by then. */
const unloadSettleSeconds = 5;

/** Undefined when the target does not say. */
async function readKernelMemory({ target }: TrialHost): Promise<KernelMemory | undefined> {
  const script = `sleep ${unloadSettleSeconds}; cat /proc/meminfo /proc/vmstat`;
  const { end, stdout } = await target.run(script, { timeoutMs: 30_000 });
  if (end.kind !== "exited") return undefined;
  const meminfo = readMeminfo(stdout.toString());
  const { livePages } = readVmstat(stdout.toString()) ?? {};
  if (meminfo?.unaccountedBytes === undefined) return undefined;
  const { fields: memory, unaccountedBytes } = meminfo;
  return kernelMemory({ memory, unaccountedBytes, ...(livePages !== undefined && { livePages }) });
}

/** Best effort: the fault that is under way counts more than what may go wrong here. */
export async function restoreAfterFault(
  settings: TrialSettings,
  { hosts, modules }: TrialInput,
): Promise<void> {
  const names = modules.map(({ file }) => file.name);
  const { inTree } = settings.load;
  await restoreDrivers(hosts.target, { modules: names, inTree, timeoutMs: restoreLimitMs }).catch(
    () => undefined,
  );
}

/**
 * A kernel that says it reboots is left to it: a switch in the middle of its boot costs what the last one left. And where
 * no peer can tell a hang from a reboot, the new boot that comes by itself is the only proof there is.
 */
function patienceFor({ dead, alarm }: Seen, console: string, bootMs: number): number {
  if (!dead) return 0;
  const reboots = /Rebooting in \d+ seconds/.test(console);
  const unclear = alarm?.kind === "silent" && alarm.peersReachIt === undefined;
  return reboots || unclear ? Math.min(bootMs, longPatienceMs) : rebootPatienceMs;
}

function describeAlarm(alarm: Alarm | undefined): string {
  switch (alarm?.kind) {
    case "kernel-event":
      return alarm.event.title;
    case "rebooted":
      return "it rebooted under the test";
    case "silent":
      return `no answer for ${Math.round(alarm.forMs / 1000)} s`;
    case undefined:
      return "it stopped answering";
  }
}
