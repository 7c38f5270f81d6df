// Which function of an event is named for it: the first on the way outwards from where it went wrong that does not act
// on another's behalf only. Hangs show up anywhere, so they are named by what was dispatched or by who waits.
import { dispatches, interruptEntry } from "./dispatchers.js";
import type { KernelEvent } from "./kernel-event.js";
import { actsOnBehalf } from "./on-behalf.js";
import type { StackFrame } from "./stack-frame.js";
import type { SymptomRule } from "./symptom-rule.js";

const entry =
  /^(?:__se_sys_|__do_sys_|SYSC_|SyS_|____sys_|___sys_|__sys_|sys_|__x64_|__ia32_|__arm64_|__se_|compat_SYSC_|compat_SyS_|ksys_)(?=.)/;
const waiting =
  /sched|_lock|_slowlock|down|rwsem|completion|kthread|wait|synchronize|context_switch|__switch_to|cancel_delayed|rcu_barrier/;

/** The blamed function of an event, or undefined when its stack names none. */
export function blame(event: KernelEvent, rule: SymptomRule): string | undefined {
  const found = find(event, rule);
  return found === undefined ? undefined : withoutEntry(found);
}

function find(event: KernelEvent, rule: SymptomRule): string | undefined {
  const pointed = event.named !== undefined && !isGeneric(event.named, rule) ? event.named : undefined;
  switch (rule.blame) {
    case "line":
      return event.named ?? firstSpecific(outwards(event), rule);
    case "locks":
    case "chain":
      return lockSite(event, rule) ?? firstSpecific(outwards(event), rule) ?? event.named;
    case "waiter":
      return waiter(firstTrace(mainFrames(event.frames)).map(nameOf), rule);
    case "dispatched":
    case "interrupted":
      return (
        dispatched(interrupted(event, rule) ?? outwards(event), rule) ?? firstSpecific(outwards(event), rule)
      );
    case "origin":
      return firstSpecific(framesOf(event, "allocated"), rule) ?? firstSpecific(outwards(event), rule);
    case undefined:
      return pointed ?? firstSpecific(outwards(event), rule) ?? event.named;
  }
}

const nameOf = (frame: StackFrame): string => frame.function;

function firstSpecific(names: readonly string[], rule: SymptomRule): string | undefined {
  return names.find((name) => !isGeneric(name, rule));
}

/** Hangs on RCU and on the rtnl lock are named for these: everyone waits there, whoever holds them. */
function waiter(names: readonly string[], rule: SymptomRule): string | undefined {
  const bucket = names.find((name) => /rtnl_lock|synchronize_(?:s?rcu|net|sched)/.test(name));
  if (bucket !== undefined) return bucket.includes("rtnl_lock") ? "rtnl_lock" : "synchronize_rcu";
  return names.find((name) => !waiting.test(name) && !isGeneric(name, rule));
}

/** Lockdep names places; those that lock for others, or run work items, say nothing. */
function lockSite(event: KernelEvent, rule: SymptomRule): string | undefined {
  if (rule.blame === "chain") return firstSpecific(framesOf(event, "lock became"), rule) ?? event.named;
  const sites = framesOf(event, "lock").slice(0, 2);
  return firstSpecific(sites, rule) ?? firstSpecific(framesOf(event, "lock chain"), rule) ?? sites[0];
}

function framesOf(event: KernelEvent, stack: string): string[] {
  return event.frames.filter((frame) => frame.stack === stack && frame.reliable).map(nameOf);
}

const ownStack =
  /^(?:kasan|kmsan|kcsan|kfence|lockdep|leak|atomic_sleep|ubsan|memory_safety_ubsan|memory-pressure)| (?:bad-page|stack-end|panic)$/;

/** Whether an event prints a stack of its own accord; a register dump inside it belongs to whom it interrupted. */
export function reportsItself(event: KernelEvent): boolean {
  return ownStack.test(`${event.class} ${event.kind}`);
}

/** Reliable functions from where it went wrong outwards: from the kernel's instruction pointer, where it has one. */
function outwards(event: KernelEvent): string[] {
  const useIp = event.ip !== undefined && !reportsItself(event);
  const from = useIp ? (event.frameIndexOfIp ?? 0) : 0;
  const ahead = mainFrames(event.frames.slice(from + (useIp ? 1 : 0)));
  const names = (useIp || ahead.length > 0 ? ahead : mainFrames(event.frames)).map(nameOf);
  return useIp && event.ip !== undefined ? [event.ip.function, ...names] : names;
}

function mainFrames(frames: readonly StackFrame[]): readonly StackFrame[] {
  const sure = frames.filter((frame) => frame.reliable);
  const main = sure.filter((frame) => frame.stack === "main");
  return main.length > 0 ? main : sure.filter((frame) => !/^(?:headline|ip|work|lock)$/.test(frame.stack));
}

function firstTrace(frames: readonly StackFrame[]): readonly StackFrame[] {
  return frames.filter((frame) => frame.trace === frames[0]?.trace);
}

/** What the first interrupt interrupted, when the event was found in one. */
function interrupted(event: KernelEvent, rule: SymptomRule): string[] | undefined {
  if (rule.blame !== "interrupted") return undefined;
  const frames = event.frames.filter((frame) => frame.reliable && /^(?:main|ip)$/.test(frame.stack));
  const at = frames.findIndex((frame) => interruptEntry.test(frame.function));
  const inside = frames[at];
  if (inside === undefined) return undefined;
  const rest = frames.slice(at + 1).filter((frame) => frame.trace === inside.trace);
  const beyond = rest.filter((frame) => !interruptEntry.test(frame.function));
  return beyond.length > 0 ? beyond.map(nameOf) : undefined;
}

function dispatched(names: readonly string[], rule: SymptomRule): string | undefined {
  let before: string | undefined;
  for (const name of names) {
    if (name.includes("smp_call_function")) return "smp_call_function";
    if (rule.skip?.test(name) === true) continue;
    if (dispatches(withoutEntry(name))) return before ?? name;
    if (!actsOnBehalf(name)) before = name;
  }
  return undefined;
}

function isGeneric(name: string, rule: SymptomRule): boolean {
  return actsOnBehalf(name) || rule.skip?.test(name) === true;
}

/** syzbot names a system call by its bare name, whatever wrapper the machine adds. */
function withoutEntry(name: string): string {
  return name.replace(entry, "");
}
