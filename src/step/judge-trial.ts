// What a trial on a target says of the commit. Pure: values in, a verdict or a fault's words out.
import type { KernelEvent } from "../evidence/kernel-event.js";
import { readKernelLog } from "../evidence/kernel-log.js";
import { speaksOfBrokenKernel } from "./event-finder.js";
import { canJudgeMemory, judgeMemory, type MemoryLimits } from "./judge-memory.js";
import type { Alarm, WatchRecord } from "./watch.js";
import type { Verdict } from "./verdict.js";

/** How the stress ended, in what matters to a verdict. */
export type StressEnd =
  | { kind: "clean" }
  /** The command's or the traffic's own word that the commit can't be judged. */
  | { kind: "verdict"; verdict: Verdict }
  /** Something of ours ended early; only the target's death excuses it. */
  | { kind: "broken"; detail: string; hint?: string }
  /** Nothing moves any more although everything runs: not ours, and no proof either. */
  | { kind: "stalled"; detail: string }
  /** Ended because of an alarm, or never begun. */
  | { kind: "stopped" };

export interface TrialFacts {
  stage: "load" | "configure" | "stress";
  stress: StressEnd;
  alarm: Alarm | undefined;
  /** The target stopped answering or booted anew. */
  dead: boolean;
  /** It was found in a new boot, and not because its power was switched. */
  rebooted: boolean;
  record: WatchRecord;
  /** What the boot that ended left: pstore and journal. */
  lastBoot: string;
}

export interface JudgeRules {
  memory: MemoryLimits | undefined;
  /** "any", or texts of which a failure's title or signature must hold one. */
  failure: "any" | readonly string[];
}

export type Judgement =
  { kind: "verdict"; verdict: Verdict } | { kind: "fault"; detail: string; hint?: string };

export function judgeTrial(facts: TrialFacts, rules: JudgeRules): Judgement {
  const failure = findFailure(facts);
  if (failure.kind === "unclear") return { kind: "fault", detail: failure.detail };
  if (failure.kind === "failure") return verdict(verdictOn(failure, facts, rules));
  switch (facts.stress.kind) {
    case "verdict":
      return verdict(facts.stress.verdict);
    case "broken":
      return { ...facts.stress, kind: "fault" };
    case "stalled":
      return verdict(judgeStall(facts.stress.detail, rules));
    case "stopped":
      return { kind: "fault", detail: "the stress was stopped and nothing tells why" };
    case "clean":
      if (rules.memory !== undefined && !canJudgeMemory(facts.record.samples))
        return { kind: "fault", detail: "too few memory samples came from the stress to judge its limits" };
      return verdict(judgeClean(facts.record, rules));
  }
}

type Failure =
  | { kind: "none" }
  | { kind: "unclear"; detail: string }
  | { kind: "failure"; cause: "crash" | "hang" | "reboot"; detail: string; signature: string };

function findFailure(facts: TrialFacts): Failure {
  const event = failureEvent(facts);
  if (event !== undefined)
    return { kind: "failure", cause: "crash", detail: event.title, signature: event.signature };
  const { alarm, dead, rebooted } = facts;
  if (alarm?.kind === "silent" && !rebooted) {
    const silent = `no answer for ${Math.round(alarm.forMs / 1000)} s`;
    if (alarm.peersReachIt === false)
      return {
        kind: "failure",
        cause: "hang",
        detail: `hang: ${silent}, not to its peers either`,
        signature: "hang",
      };
    return {
      kind: "unclear",
      detail: alarm.peersReachIt
        ? `the target gave ${silent} to us, but its peers reach it: the way to it is broken`
        : `the target gave ${silent}, and no peer can tell whether it hangs or the way to it is broken`,
    };
  }
  if (dead)
    return {
      kind: "failure",
      cause: "reboot",
      detail: "silent reboot: no kernel message tells why",
      signature: "reboot",
    };
  return { kind: "none" };
}

/** The first failure that the trial's logs hold, from the log that shows most of it. */
export function failureEvent({
  record,
  lastBoot,
}: Pick<TrialFacts, "record" | "lastBoot">): KernelEvent | undefined {
  const begun = record.samples[0]?.uptimeSeconds ?? 0;
  const found = [record.kernelLog, record.console, lastBoot].flatMap((text) => {
    const event = readKernelLog(text).find(
      (each) => speaksOfBrokenKernel(each) && (each.uptimeSeconds ?? begun) >= begun,
    );
    return event === undefined ? [] : [event];
  });
  return found.reduce<KernelEvent | undefined>(
    (best, event) => (best === undefined || event.frames.length > best.frames.length ? event : best),
    undefined,
  );
}

function verdictOn(
  { cause, detail, signature }: Failure & { kind: "failure" },
  { stage }: TrialFacts,
  { failure }: JudgeRules,
): Verdict {
  const looked =
    failure !== "any" && failure.some((text) => detail.includes(text) || signature.includes(text));
  if (looked || (failure === "any" && stage === "stress"))
    return { kind: "bad", cause, detail: `${detail} (during ${stage})`, signature };
  if (stage !== "stress")
    return { kind: "skip", cause: "failed-before-stress", detail: `${detail} (during ${stage})`, signature };
  return { kind: "skip", cause: "other-failure", detail: `it failed in another way: ${detail}`, signature };
}

/** A stall may have many causes: it is the bug only for those who look for one. */
function judgeStall(detail: string, { failure }: JudgeRules): Verdict {
  const signature = "stall";
  if (failure !== "any" && failure.includes(signature))
    return { kind: "bad", cause: "hang", detail: `stall: ${detail}`, signature };
  return {
    kind: "skip",
    cause: "other-failure",
    detail: `traffic stopped without a crash: ${detail}`,
    signature,
  };
}

function judgeClean(record: WatchRecord, rules: JudgeRules): Verdict {
  const memory = rules.memory && judgeMemory(record.samples, rules.memory);
  if (memory !== undefined) return { kind: "bad", cause: "memory", detail: memory };
  const reset = record.nicResets[0];
  if (reset !== undefined)
    return { kind: "skip", cause: "exposure-short", detail: `clean, but the interface was reset: ${reset}` };
  return { kind: "good" };
}

function verdict(value: Verdict): Judgement {
  return { kind: "verdict", verdict: value };
}
