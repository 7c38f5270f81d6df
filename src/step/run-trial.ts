// A built module on a prepared target: the way is cleared, the stages run under watch, the target comes back, and a judge
// looks at all that was seen.
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readModuleSymbols, type ModuleSymbols } from "../build/module-symbols.js";
import { firmwareLines } from "../evidence/firmware-lines.js";
import { Fault, harnessFault } from "../fault/fault.js";
import { clearWay } from "./clear-way.js";
import { durationMs } from "./duration.js";
import { armGuard, type Guard } from "./guard.js";
import { judgeTrial } from "./judge-trial.js";
import { readThroughput, writeFacts } from "./kept-facts.js";
import { readCrashRecords } from "./last-boot.js";
import { runCourse, type Course, type TrialInput } from "./trial-course.js";
import { expectStillLoaded } from "./prove-loaded.js";
import { lookAtTarget, recoverAfter, restoreAfterFault, type Recovered, type Seen } from "./trial-end.js";
import type { TrialFacts } from "./trial-facts.js";
import type { TrialIo } from "./trial-hosts.js";
import type { TrialSettings } from "./trial-settings.js";
import type { Verdict } from "./verdict.js";
import { startWatch, type Watch, type WatchRecord } from "./watch.js";

export interface TrialResult extends Omit<Course, "stage" | "stress" | "alarm" | "ringBytes"> {
  verdict: Verdict;
  /** The target did not come back; the verdict stands all the same. */
  lost: Fault | undefined;
  /** What the driver said of the card's firmware and NVM. */
  firmware?: string[];
  /** What went wrong after the stress, when the kernel's own driver was put back. */
  afterwards?: string;
}

/**
 * Runs the trial and leaves the target with the kernel's own driver, or in a new boot. A guard that stands there is ended
 * when all is well; in any other case it hears nothing more and acts.
 */
export async function runTrial(
  settings: TrialSettings,
  input: TrialInput,
  io: TrialIo,
): Promise<TrialResult> {
  const guard = await input.clock.run("guard", () => placeGuard(settings, input));
  try {
    return await runGuarded(settings, { ...input, guard }, io);
  } finally {
    guard?.leave();
  }
}

async function placeGuard(
  { guard, load }: TrialSettings,
  { hosts, modules, prepared }: TrialInput,
): Promise<Guard | undefined> {
  if (guard === undefined) return undefined;
  return armGuard(hosts.target, {
    settings: guard,
    modules: modules.map(({ file }) => file.name),
    inTree: load.inTree,
    interfaces: prepared.cards.map(({ name }) => name),
  });
}

async function runGuarded(settings: TrialSettings, input: TrialInput, io: TrialIo): Promise<TrialResult> {
  const { hosts, clock, guard } = input;
  const limits = { timeoutMs: durationMs(settings.load.timeout), bootMs: settings.bootMs };
  const bootId = await clock.run("unload", () => clearWay(input, limits, io));
  const [watch, records] = await clock.run("watch", () =>
    Promise.all([startWatch(hosts, settings.watch, io), readCrashRecords(hosts.target)]),
  );
  const before = records ?? new Map<string, string>();
  let course: Course;
  let seen: Seen;
  try {
    if (settings.cycles !== undefined) await clock.run("rest", () => restBefore(watch));
    course = await runCourse(settings, { ...input, watch }, io);
    const at = { settings, course, watch, bootId, guard, wayUnderTest: input.prepared.wayUnderTest };
    seen = await clock.run("look", () => lookAtTarget(hosts.target, at));
    if (course.stress.kind === "clean" && !seen.dead)
      await expectStillLoaded(hosts.target, input.modules, {
        mayBeGone: settings.stress.run !== undefined,
      });
  } catch (error) {
    await watch.stop();
    if (!io.signal.aborted && (await restoreAfterFault(settings, input))) await guard?.disarm();
    throw error;
  }
  const record = await watch.stop();
  io.note("recover ...\n");
  const after = await clock.run("recover", () =>
    recoverAfter(settings, { ...input, seen, record, bootId, before }, io),
  );
  if (after.lost === undefined && after.problem === undefined) await guard?.disarm();
  const facts = await collectFacts(input, { course, seen, record, after }, io);
  await writeFacts(io.evidence, facts);
  const judged = judgeTrial(facts, settings.judge, input.known);
  if (judged.kind === "fault")
    throw after.lost ?? harnessFault(judged.detail, judged.hint === undefined ? {} : { hint: judged.hint });
  const { proof, exposure, slowedBy, refused, facts: nics } = course;
  const firmware = firmwareLines(record.kernelLog);
  return {
    verdict: judged.verdict,
    lost: after.lost,
    ...(proof && { proof }),
    ...(exposure && { exposure }),
    ...(slowedBy !== undefined && { slowedBy }),
    ...(nics && { facts: nics }),
    ...(firmware.length > 0 && { firmware }),
    ...(refused && refused.length > 0 && { refused }),
    ...(after.problem !== undefined && { afterwards: after.problem }),
  };
}

/** What the machine holds without the module is measured first, where a leak is looked for. */
async function restBefore(watch: Watch): Promise<void> {
  const deadline = performance.now() + restLimitMs;
  while (watch.samples.length < restSamples && performance.now() < deadline) await sleep(200);
}

const restSamples = 4;
const restLimitMs = 20_000;

async function collectFacts(
  { modules }: TrialInput,
  seen: { course: Course; seen: Seen; record: WatchRecord; after: Recovered },
  io: TrialIo,
): Promise<TrialFacts> {
  const { stage, stress, exposure, slowedBy, ringBytes } = seen.course;
  const { lastBoot, rebooted, byGuard, afterUnload } = seen.after;
  const [module] = modules;
  return {
    stage,
    stress,
    ...seen.seen,
    record: seen.record,
    lastBoot,
    rebooted,
    ...(byGuard && { byGuard }),
    ...(slowedBy !== undefined && { slowedBy }),
    throughput: await readThroughput(io.evidence),
    ...(module && { module: { name: module.file.name, symbols: await trySymbols(module.path, io) } }),
    ...(exposure && { exposure }),
    ...(ringBytes !== undefined && { ringBytes }),
    ...(afterUnload && { afterUnload }),
  };
}

/** Sizes are compared where readelf is there to tell them; a verdict does not hang on it. */
async function trySymbols(path: string, { signal, note }: TrialIo): Promise<ModuleSymbols | undefined> {
  try {
    return await readModuleSymbols(path, signal);
  } catch (error) {
    if (!(error instanceof Fault) || error.blame === "interrupted") throw error;
    note(`the sizes of ${basename(path)}'s functions are not known: ${error.message}\n`);
    return undefined;
  }
}
