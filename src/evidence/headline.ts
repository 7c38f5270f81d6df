// What the first line of an event says of itself: which function, who ran, on which CPU, by which driver.
import type { KernelEvent } from "./kernel-event.js";
import { stripSuffixes } from "./stack-frame.js";

const functions = [
  /\b([A-Za-z_][\w.$]*)\+0x[0-9a-f]+/,
  /BUG: (?:K(?:A|M|C)SAN|KFENCE): .* in ([A-Za-z_][\w.$]*)(?:\s|$)/,
  /WARNING: .*\S+\.[ch]:\d+ (?:at )?(?!at\b)([A-Za-z_]\w*)(?:\s|$)/,
  /corrupted in: ([A-Za-z_]\w*)/,
  /[\w.-]:\d+:([A-Za-z_]\w+)\(\)/,
  /still in use .*\[(unmount)/,
  /\bFAILED in ([A-Za-z_]\w*)/,
  /Assertion failure in ([A-Za-z_]\w+)\(\)/,
];

/** Where the headline names a function, and its name as it stands there. */
export function functionIn(text: string): { name: string; index: number } | undefined {
  for (const pattern of functions) {
    const match = pattern.exec(text);
    const name = match?.[1];
    if (match === null || name === undefined || /^[0-9a-f]{8,16}$/.test(name)) continue;
    return { name, index: text.indexOf(name, match.index) };
  }
  return undefined;
}

/** Named groups cpu, pid, process and driver; the first that matches of each wording counts. */
const facts = [
  /INFO: task (?<process>.{1,60}):(?<pid>\d+) (?:blocked|can't die)/,
  /lockup - CPU#(?<cpu>\d+) stuck for .{1,20} \[(?<process>.{1,32}):(?<pid>\d+)\]/,
  /LOCKUP on cpu ?#? ?(?<cpu>\d+)/i,
  /scheduling while atomic: (?<process>.{1,32})\/(?<pid>\d+)\/0x/,
  /preemptible \[[0-9a-f]+\] code: (?<process>.{1,32})\/(?<pid>\d+)/,
  /Bad page (?:state|map) in process (?<process>\S+)/,
  /^(?<process>\S{1,32}): page allocation (?:failure|stalls)/,
  /^(?<process>.{1,32}) invoked oom-killer/,
  /^WARNING: CPU: (?<cpu>\d+) PID: (?<pid>\d+)/,
  /^Lustre(?:Error)?: (?<pid>\d+):/,
  /^SPLError: (?<pid>\d+):/,
  /NETDEV WATCHDOG: \S+ \((?<driver>[\w-]{1,32})\)/,
  /^(?<driver>[a-z][\w-]{1,31}) (?:[0-9a-f]{4}:)?[0-9a-f]{2}:[0-9a-f]{2}\.\d\b/,
  /^(?<driver>[a-z][\w-]{1,31}) \S{1,40} [\w.-]{1,15}: .{0,80}(?:timed? ?out|\bhang\b)/i,
  /NETDEV WATCHDOG: CPU: (?<cpu>\d+)/,
  /refcount_t: .* in (?<process>.{1,16})\[(?<pid>\d+)\]/,
];

/** Reads the headline's facts into the event. */
export function readHeadline(event: KernelEvent, text: string): void {
  for (const fact of facts) {
    const { cpu, pid, process, driver } = fact.exec(text)?.groups ?? {};
    if (cpu !== undefined) event.cpu ??= Number(cpu);
    if (pid !== undefined) event.pid ??= Number(pid);
    if (process !== undefined) event.process ??= process;
    if (driver !== undefined) event.driver ??= driver;
  }
  const named = functionIn(text);
  if (named !== undefined) event.named = stripSuffixes(named.name);
}
