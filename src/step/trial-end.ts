// After the stages: is the target still the one that was tested, and what brings it back to a known state?
import { setTimeout as sleep } from "node:timers/promises";
import { kernelMemory, type KernelMemory } from "../evidence/kernel-memory.js";
import { readMeminfo } from "../evidence/meminfo.js";
import { readVmstat } from "../evidence/vmstat.js";
import { Fault, harnessFault } from "../fault/fault.js";
import { durationMs } from "./duration.js";
import { writeCrashBundle } from "./crash-bundle.js";
import type { Guard } from "./guard.js";
import { collectLastBoot, type CrashRecords } from "./last-boot.js";
import { recoverTarget } from "./recover-target.js";
import type { Course, TrialInput } from "./trial-course.js";
import type { CutOff } from "./trial-facts.js";
import type { TrialHost, TrialIo } from "./trial-hosts.js";
import type { TrialSettings } from "./trial-settings.js";
import { restoreDrivers } from "./unload-modules.js";
import type { Alarm, Watch, WatchRecord } from "./watch.js";

export interface Seen {
  alarm: Alarm | undefined;
  /** The target stopped answering or is in another boot. */
  dead: boolean;
  cutOff?: CutOff;
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
  at: {
    settings: TrialSettings;
    course: Course;
    watch: Watch;
    bootId: string;
    guard: Guard | undefined;
    wayUnderTest: boolean;
  },
): Promise<Seen> {
  const { target } = host;
  const early = at.course.alarm;
  const ended = at.course.stress.kind;
  const bootId = early?.kind === "silent" ? undefined : await target.bootId();
  const well = bootId === at.bootId;
  const waitMs = well ? (ended === "clean" ? 0 : settleMs) : durationMs(at.settings.watch.silence) + 15_000;
  const alarm = early ?? (await Promise.race([at.watch.alarm, sleep(waitMs, undefined, { ref: false })]));
  if (well && alarm?.kind !== "rebooted" && alarm?.kind !== "silent") {
    // The way may be back before its silence was long enough to be told.
    const saved = alarm === undefined && ended === "broken" && at.guard?.mayHaveActed(performance.now());
    return { alarm, dead: false, ...(saved && { cutOff: { forMs: 0, guardActed: true } }) };
  }
  // The way there was the new module's own, and its load has said why nothing came through.
  if (well && alarm?.kind === "silent" && at.wayUnderTest && at.course.stage === "load")
    return { alarm: undefined, dead: false };
  // One unanswered question without an alarm is our connection's doing until a second one tells more.
  if (bootId === undefined && alarm === undefined) {
    const again = await target.bootId();
    if (again === at.bootId) return { alarm, dead: false };
    if (again === undefined)
      throw harnessFault(`${host.name} does not say which boot it is in, and nothing tells that it died`);
  }
  await expectPowered(host);
  const cutOff =
    at.guard && alarm?.kind === "silent" ? await waitForGuard(host, at.bootId, at.guard) : undefined;
  if (cutOff !== undefined) return { alarm: undefined, dead: false, cutOff };
  // What its peers reach it by is then the same card as ours.
  const blind = at.wayUnderTest && alarm?.kind === "silent" ? { ...alarm, peersReachIt: undefined } : alarm;
  return { alarm: blind, dead: true };
}

/** A machine that only lost its network is given time to be saved; undefined when it hangs or boots anew. */
async function waitForGuard(
  { target }: TrialHost,
  oldBootId: string,
  guard: Guard,
): Promise<CutOff | undefined> {
  const begun = performance.now();
  while (performance.now() - begun < guard.limitMs) {
    const bootId = await target.bootId();
    const now = performance.now();
    if (bootId === oldBootId) return { forMs: now - begun, guardActed: guard.mayHaveActed(now) };
    if (bootId !== undefined) return undefined;
    await target.disconnect();
    await sleep(1000);
  }
  return undefined;
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
  /** Its guard may be what booted it anew. */
  byGuard?: boolean;
  /** What did not work on the way back to the kernel's own driver. */
  problem: string | undefined;
  /** What the kernel held while no driver had the cards; undefined when that was not to be seen. */
  afterUnload?: KernelMemory;
}

/** A failed kernel is booted anew, also when it still answers; a sound one gets its own driver back. */
export async function recoverAfter(
  settings: TrialSettings,
  input: TrialInput & { seen: Seen; record: WatchRecord; bootId: string; before: CrashRecords },
  io: TrialIo,
): Promise<Recovered> {
  const { hosts, seen } = input;
  const failed = seen.dead || seen.alarm?.kind === "kernel-event";
  if (!failed) {
    let afterUnload: KernelMemory | undefined;
    const problem = await giveDriversBack(settings, input, async () => {
      if (settings.cycles !== undefined) afterUnload = await readKernelMemory(hosts.target);
    });
    return { lastBoot: "", lost: undefined, problem, rebooted: false, ...(afterUnload && { afterUnload }) };
  }
  try {
    const { byItself } = await recoverTarget(hosts.target, {
      oldBootId: input.bootId,
      bootMs: settings.bootMs,
      patienceMs: patienceFor(seen, input.record.console, settings.bootMs),
      cause: describeAlarm(seen.alarm),
      ...io,
    });
    const left = await collectLastBoot(hosts.target, input.before, io.evidence);
    const rebooted = seen.dead && byItself;
    const byGuard = rebooted && (await mayBeGuardsBoot(hosts.target, input.guard));
    await writeCrashBundle(hosts.target, { record: input.record, lastBoot: left }, io);
    const lastBoot = left.map(({ text }) => text).join("\n");
    return { lastBoot, lost: undefined, problem: undefined, rebooted, byGuard };
  } catch (error) {
    if (!(error instanceof Fault) || error.blame !== "target-lost") throw error;
    await writeCrashBundle(hosts.target, { record: input.record, lastBoot: [] }, io);
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

/** A boot that began before the guard had been without a word for long enough is not its doing. */
async function mayBeGuardsBoot({ target }: TrialHost, guard: Guard | undefined): Promise<boolean> {
  if (guard === undefined) return false;
  const { stdout } = await target.run("cat /proc/uptime", { timeoutMs: 15_000 });
  const uptimeSeconds = Number(stdout.toString().split(" ")[0]);
  return guard.mayHaveActed(performance.now() - (Number.isFinite(uptimeSeconds) ? uptimeSeconds * 1000 : 0));
}

/** Best effort: the fault that is under way counts more than what may go wrong here. True: all is as it was. */
export async function restoreAfterFault(settings: TrialSettings, input: TrialInput): Promise<boolean> {
  return giveDriversBack(settings, input).then(
    (problem) => problem === undefined,
    () => false,
  );
}

/** What did not work, in words. */
async function giveDriversBack(
  { load: { inTree } }: TrialSettings,
  { hosts, modules, prepared, guard }: TrialInput,
  whenUnloaded?: () => Promise<void>,
): Promise<string | undefined> {
  if (prepared.wayUnderTest && guard !== undefined)
    return (await guard.actNow()) ? undefined : "the guard did not give the kernel's own driver back";
  const names = modules.map(({ file }) => file.name);
  const at = { modules: names, inTree, timeoutMs: restoreLimitMs };
  return restoreDrivers(hosts.target, { ...at, ...(whenUnloaded && { whenUnloaded }) });
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
