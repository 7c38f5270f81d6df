// Whether the target failed, and whose failure it is.
import { attributeEvent, signOf, type Attribution, type FailureSign } from "../evidence/failure-sign.js";
import type { KernelEvent } from "../evidence/kernel-event.js";
import { readKernelLog } from "../evidence/kernel-log.js";
import { speaksOfBrokenKernel } from "./event-finder.js";
import type { CutOff, TrialFacts } from "./trial-facts.js";

export interface Failure {
  kind: "failure";
  cause: "crash" | "hang" | "reboot" | "memory";
  detail: string;
  sign: FailureSign;
  /** Undefined for what no log tells of. */
  attribution: Attribution | undefined;
}

export type Finding = Failure | { kind: "none" } | { kind: "unclear"; detail: string; hint?: string };

/** `lostNetwork`: whether a driver that loses the network is the bug looked for. */
export function findFailure(facts: TrialFacts, lostNetwork: boolean): Finding {
  const events = eventsOf(facts, speaksOfBrokenKernel);
  const [first] = events;
  if (first !== undefined) return crash(first, events, facts);
  const { alarm, dead, rebooted, byGuard, cutOff } = facts;
  if (cutOff !== undefined) return judgeCutOff(cutOff, lostNetwork);
  if (rebooted && byGuard)
    return { kind: "unclear", detail: "the target was cut off until its guard had reason to boot it anew" };
  if (alarm?.kind === "silent" && !rebooted) return exhaustion(facts) ?? silence(alarm);
  if (dead)
    return {
      kind: "failure",
      cause: "reboot",
      detail: "silent reboot: no kernel message tells why",
      sign: { signature: "reboot" },
      attribution: undefined,
    };
  const isCutShort = facts.stress.kind === "broken" || facts.stress.kind === "stalled";
  return (isCutShort ? exhaustion(facts) : undefined) ?? { kind: "none" };
}

/** A later event of the same log may show the module where the first only shows the damage. */
function crash(first: KernelEvent, events: readonly KernelEvent[], { module }: TrialFacts): Failure {
  const found = { kind: "failure", cause: "crash", detail: first.title } as const;
  if (module === undefined) return { ...found, sign: { signature: first.signature }, attribution: undefined };
  const attributions = events.map((event) => attributeEvent(event, module));
  const [own] = attributions;
  const later = own === "corruption" || own === "elsewhere" ? attributions : [];
  return {
    ...found,
    sign: signOf(first, module.name),
    attribution: later.includes("module") ? "module" : own,
  };
}

export const noNetwork = "no-network";

/** A driver that loses the network looks like a cable that does: it is the bug only for those who look for one. */
function judgeCutOff({ forMs, guardActed }: CutOff, lostNetwork: boolean): Finding {
  const seconds = Math.round(forMs / 1000);
  if (!guardActed)
    return { kind: "unclear", detail: `the way to the target was gone, and was back ${seconds} s later` };
  const after = seconds === 0 ? "" : ` (${seconds} s)`;
  const detail = `no way to the target, until its guard had put the kernel's own driver back${after}`;
  if (!lostNetwork)
    return {
      kind: "unclear",
      detail,
      hint: `is that the bug? judge: { failure: [${noNetwork}] } calls it bad`,
    };
  return {
    kind: "failure",
    cause: "hang",
    detail: `no network: ${detail}`,
    sign: { signature: noNetwork },
    attribution: undefined,
  };
}

/**
 * A machine that kills its processes for memory loses what answers us or serves the stress, while its kernel still answers
 * the peers. The module is to blame for what the kernel itself took, not for what a program did.
 */
function exhaustion(facts: TrialFacts): Failure | undefined {
  const { kernelLog, console } = facts.record;
  // memleak, which is ours, holds memory there too.
  if (facts.slowedBy !== undefined) return undefined;
  // Not a container's own limit: "Memory cgroup out of memory".
  if (!/\bOut of memory: Kill/.test(kernelLog + console) || !kernelTookMost(facts)) return undefined;
  const [first] = eventsOf(facts, ({ kind }) => kind === "out-of-memory");
  if (first === undefined) return undefined;
  return {
    kind: "failure",
    cause: "memory",
    detail: `memory was exhausted: ${first.title}`,
    sign: { signature: "out-of-memory", family: "leak" },
    attribution: "elsewhere",
  };
}

/** Since the watch began the kernel has taken at least half of what was available then. */
function kernelTookMost({ record: { samples } }: TrialFacts): boolean {
  const measured = samples.filter(({ kernelMemory }) => kernelMemory !== undefined);
  const [first, last] = [measured[0], measured.at(-1)];
  if (first?.memAvailableBytes === undefined) return false;
  return last!.kernelMemory!.total - first.kernelMemory!.total >= first.memAvailableBytes / 2;
}

function silence(alarm: { forMs: number; peersReachIt: boolean | undefined }): Finding {
  const silent = `no answer for ${Math.round(alarm.forMs / 1000)} s`;
  if (alarm.peersReachIt === false)
    return {
      kind: "failure",
      cause: "hang",
      detail: `hang: ${silent}, not to its peers either`,
      sign: { signature: "hang" },
      attribution: undefined,
    };
  return {
    kind: "unclear",
    detail: alarm.peersReachIt
      ? `the target gave ${silent} to us, but its peers reach it: the way to it is broken`
      : `the target gave ${silent}, and no peer can tell whether it hangs or the way to it is broken`,
  };
}

/** Such events since the watch began, of the log that shows most of the first one; [] when no log holds any. */
function eventsOf(
  { record, lastBoot }: Pick<TrialFacts, "record" | "lastBoot">,
  counts: (event: KernelEvent) => boolean,
): KernelEvent[] {
  const begun = record.samples[0]?.uptimeSeconds ?? 0;
  const found = [record.kernelLog, record.console, lastBoot].map((text) =>
    readKernelLog(text).filter((event) => counts(event) && (event.uptimeSeconds ?? begun) >= begun),
  );
  const framesOf = (events: readonly KernelEvent[]): number => events[0]?.frames.length ?? -1;
  return found.reduce<KernelEvent[]>(
    (best, events) => (framesOf(events) > framesOf(best) ? events : best),
    [],
  );
}
