// A built module on a prepared target: the way is cleared, the stages run under watch, the target comes back, and a judge
// looks at all that was seen.
import { harnessFault, type Fault } from "../fault/fault.js";
import { clearWay } from "./clear-way.js";
import { durationMs } from "./duration.js";
import { judgeTrial, type TrialFacts } from "./judge-trial.js";
import { readPstoreRecords } from "./last-boot.js";
import { runCourse, type Course, type TrialInput } from "./trial-course.js";
import { lookAtTarget, recoverAfter, restoreAfterFault, type Seen } from "./trial-end.js";
import type { TrialIo } from "./trial-hosts.js";
import type { TrialSettings } from "./trial-settings.js";
import type { Verdict } from "./verdict.js";
import { startWatch } from "./watch.js";

export interface TrialResult extends Omit<Course, "stage" | "stress" | "alarm"> {
  verdict: Verdict;
  /** The target did not come back; the verdict stands all the same. */
  lost: Fault | undefined;
  /** What went wrong after the stress, when the kernel's own driver was put back. */
  afterwards?: string;
}

/** Runs the trial and leaves the target with the kernel's own driver, or in a new boot. */
export async function runTrial(
  settings: TrialSettings,
  input: TrialInput,
  io: TrialIo,
): Promise<TrialResult> {
  const { hosts, clock } = input;
  const pstore = (await readPstoreRecords(hosts.target)) ?? new Map<string, string>();
  const limits = { timeoutMs: durationMs(settings.load.timeout), bootMs: settings.bootMs };
  const bootId = await clock.run("unload", () => clearWay(input, limits, io));
  const watch = await clock.run("watch", () => startWatch(hosts, settings.watch, io));
  let course: Course;
  let seen: Seen;
  try {
    course = await runCourse(settings, { ...input, watch }, io);
    const at = { settings, course, watch, bootId };
    seen = await clock.run("look", () => lookAtTarget(hosts.target, at));
  } catch (error) {
    await watch.stop();
    if (!io.signal.aborted) await restoreAfterFault(settings, input);
    throw error;
  }
  const record = await watch.stop();
  io.note("recover ...\n");
  const after = await clock.run("recover", () =>
    recoverAfter(settings, { ...input, seen, console: record.console, bootId, pstore }, io),
  );
  const seenAll: TrialFacts = { ...course, ...seen, record, ...after };
  const judged = judgeTrial(seenAll, settings.judge);
  if (judged.kind === "fault")
    throw after.lost ?? harnessFault(judged.detail, judged.hint === undefined ? {} : { hint: judged.hint });
  const { proof, exposure, refused, facts } = course;
  return {
    verdict: judged.verdict,
    lost: after.lost,
    ...(proof && { proof }),
    ...(exposure && { exposure }),
    ...(facts && { facts }),
    ...(refused && refused.length > 0 && { refused }),
    ...(after.problem !== undefined && { afterwards: after.problem }),
  };
}
