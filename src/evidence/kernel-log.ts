// From the text of a kernel log to what went wrong in it. Several CPUs may write at once: lines that carry a caller id
// are read per caller, so that each event gets its own frames only.
import { blame } from "./blame.js";
import { isModuleContinuation, parseModules, readDetail } from "./event-details.js";
import type { KernelEvent } from "./kernel-event.js";
import { readLogLine, type LogLine } from "./log-line.js";
import { signatureOf } from "./signature.js";
import { parseFrame, stripSuffixes, type StackContext, type StackFrame } from "./stack-frame.js";
import { mayStartEvent, symptomRules, type SymptomRule } from "./symptom-rules.js";
import { nameClass, titleOf } from "./title.js";

/** An event while it is being read. */
interface OpenEvent {
  event: KernelEvent;
  rule: SymptomRule;
  groups: RegExpExecArray;
  /** Lines seen since it started. */
  age: number;
  context: StackContext;
  stack: string;
  inModules: boolean;
  body: string[];
}

const longestEventLines = 600;
const heraldLines = 12;
const followUpPanic =
  /not syncing: (?:Fatal|panic_on_warn|hung_task|softlockup|hard|Hard LOCKUP|RCU Stall|kasan|KASAN|UBSAN|Oops|kernel: panic_on)/;
const followUps =
  /^(?:Internal error: |(?:Oops: )?invalid opcode: |BUG: unable to handle|KASAN: |Oops)|kernel BUG at |WARNING: CPU|WARNING: .* at |BUG: KASAN: null-ptr-deref/;
const contextTags = /<(\/?)(IRQ|TASK|NMI|EOI|SOFTIRQ|#DF|#DB|ENTRY_TRAMPOLINE|UNK)>\s?/g;

/** Reads dmesg, journal, syslog, netconsole, console captures and quoted mails. Never throws; order is the log's. */
export function readKernelLog(text: string): KernelEvent[] {
  const done: OpenEvent[] = [];
  const open = new Map<string, OpenEvent>();
  let lastCaller = "";
  let stalled: OpenEvent | undefined;
  let number = 0;
  for (const raw of text.split("\n")) {
    number += 1;
    const line = readLogLine(raw);
    const caller = line.caller ?? (line.uptimeSeconds === undefined ? lastCaller : "");
    lastCaller = caller;
    const current = open.get(caller);
    const begun = tryBegin(line, number, current);
    if (begun !== undefined) {
      begun.event.index = done.length;
      done.push(begun);
      if (begun.rule.single !== true || current === undefined) open.set(caller, begun);
      if (begun.rule.class === "hang") stalled = begun;
      continue;
    }
    if (current === undefined) {
      if (
        stalled !== undefined &&
        stalled.age < longestEventLines &&
        /^(?:Sending )?NMI backtrace for cpu|^Task dump/.test(line.text)
      )
        open.set(caller, stalled);
      else if (done.length === 0 && number <= 4 && startsInBacktrace(line.text)) {
        const orphan = openEvent(orphanRule, line, number);
        readInto(orphan, line.text);
        done.push(orphan);
        open.set(caller, orphan);
      } else if (followUpPanic.test(line.text)) markPanicked(done);
      continue;
    }
    readInto(current, line.text);
    if (current.age > longestEventLines || /^---\[ end (?:trace|Kernel panic)/.test(line.text)) {
      if (!/end Kernel/.test(line.text)) open.delete(caller);
    }
  }
  return done.map(close);
}

const orphanRule: SymptomRule = {
  kind: "backtrace",
  class: "unknown",
  start: /(?:)/,
  title: "backtrace of {f}",
};

/** A log that was cut out or pasted often starts in the middle of a backtrace. */
function startsInBacktrace(text: string): boolean {
  return /^\s*(?:Call Trace:|Backtrace:)/i.test(text) || parseFrame(text)?.size !== undefined;
}

function markPanicked(events: readonly OpenEvent[]): void {
  const last = events.at(-1);
  if (last !== undefined) last.event.panicked = true;
}

/** A new event, unless the line is the next part of the open one (`kernel BUG at` after `usercopy:`). */
function tryBegin(line: LogLine, number: number, current: OpenEvent | undefined): OpenEvent | undefined {
  const { text } = line;
  if (text.length > 2000 || !mayStartEvent.test(text)) return undefined;
  const rule = symptomRules.find((candidate) => candidate.start.test(text));
  if (rule === undefined) return undefined;
  if (followUpPanic.test(text)) {
    if (current !== undefined) {
      current.event.panicked = true;
      return undefined;
    }
  }
  if (current !== undefined && belongsTo(current, rule, text)) {
    if (rule.kind === "panic") current.event.panicked = true;
    return undefined;
  }
  return openEvent(rule, line, number);
}

function belongsTo(current: OpenEvent, rule: SymptomRule, text: string): boolean {
  const bare = !current.event.frames.some((frame) => frame.stack === "main");
  if (rule.kind === "panic") return bare ? current.age <= 20 : followUpPanic.test(text);
  if (rule.kind === "memory-leak") return current.rule.kind === "memory-leak" && bare && current.age <= 2;
  if (!bare) return false;
  if (current.rule.herald === true && current.age <= heraldLines)
    return followUps.test(text) || rule.herald === true;
  if (current.rule.kind === "refcount" && rule.kind === "refcount") return current.age <= heraldLines;
  return (
    current.age <= 40 && followUps.test(text) && !/^WARNING/.test(text) && current.rule.kind !== "warning"
  );
}

function openEvent(rule: SymptomRule, line: LogLine, number: number): OpenEvent {
  const event: KernelEvent = {
    index: 0,
    kind: rule.kind,
    class: rule.class,
    title: "",
    headline: line.text.trim(),
    line: number,
    frames: [],
    modulesInStack: [],
    modules: [],
    panicked: rule.kind === "panic",
    signature: "",
  };
  if (line.uptimeSeconds !== undefined) event.uptimeSeconds = line.uptimeSeconds;
  if (line.stamp !== undefined) event.stamp = line.stamp;
  const groups =
    rule.start.exec(line.text) ?? (Object.assign([""], { index: 0, input: "" }) as RegExpExecArray);
  const named = namedIn(line.text);
  if (named !== undefined) event.named = named;
  const frame = rule === orphanRule ? undefined : headlineFrame(line.text);
  if (frame !== undefined) event.frames.push(frame);
  return { event, rule, groups, age: 0, context: "task", stack: "main", inModules: false, body: [] };
}

const headlineFunction = [
  /\b([A-Za-z_][\w.$]*)\+0x[0-9a-f]+/,
  /BUG: K(?:A|M|C)SAN: .* in ([A-Za-z_][\w.$]*)(?:\s|$)/,
  /BUG: KFENCE: .* in ([A-Za-z_][\w.$]*)(?:\s|$)/,
  /WARNING: .*(?:at )?\S+\.[ch]:\d+ (?:at )?([A-Za-z_]\w*)(?:\s|$)/,
  /corrupted in: ([A-Za-z_]\w*(?![\w]))/,
  /:\d+:([A-Za-z_]\w+)\(\)/,
  /still in use .*\[(unmount)/,
];

function namedIn(text: string): string | undefined {
  for (const pattern of headlineFunction) {
    const found = pattern.exec(text)?.[1];
    if (found !== undefined && !/^[0-9a-f]{8,16}$/.test(found)) return stripSuffixes(found);
  }
  return undefined;
}

/** The frame that the headline itself gives, with offset and size. */
function headlineFrame(text: string): StackFrame | undefined {
  const match = /\b([A-Za-z_][\w.$]*\+0x[0-9a-f]+(?:\/0x[0-9a-f]+)?(?: \[[\w-]+\])?)/.exec(text);
  const frame = match === null ? undefined : parseFrame(match[1] ?? "");
  return frame === undefined ? undefined : { ...frame, context: "task", stack: "headline" };
}

function readInto(current: OpenEvent, text: string): void {
  const { event } = current;
  current.age += 1;
  if (current.body.length < 40) current.body.push(text);
  if (current.inModules && isModuleContinuation(text)) {
    event.modules.push(...parseModules(text));
    return;
  }
  current.inModules = text.startsWith("Modules linked in:");
  if (current.inModules) {
    if (event.modules.length === 0) event.modules = parseModules(text);
    return;
  }
  if (readDetail(event, text)) return;
  noteSection(current, text);
  const bare = text.includes("<") ? takeContext(current, text) : text;
  if (event.frames.length >= 2000) return;
  if (isAside(bare)) return;
  const frame = parseFrame(bare);
  if (frame === undefined) return;
  event.frames.push({ ...frame, context: current.context, stack: current.stack });
  if (frame.module !== undefined && !event.modulesInStack.includes(frame.module))
    event.modulesInStack.push(frame.module);
}

function takeContext(current: OpenEvent, text: string): string {
  return text.replace(contextTags, (_tag, closing: string, name: string) => {
    const context = name === "NMI" ? "nmi" : name === "IRQ" ? "irq" : name === "SOFTIRQ" ? "softirq" : "task";
    current.context = closing === "/" || name === "EOI" ? "task" : context;
    return "";
  });
}

/** `hardirqs last enabled at`, locks held and lockdep's `at:` name functions that are no callers. */
function isAside(text: string): boolean {
  return /(?:hard|soft)irqs last|\bat: |^ *#\d+: |^Code: |^Modules/.test(text);
}

const sections: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:Allocated by|Allocated in|allocated by task|.*Uninit was created at|.*Uninit was stored to memory at)/i,
    "allocated",
  ],
  [/^(?:Freed by|Freed in|freed by task)/i, "freed"],
  [/^Last potentially related|^The buggy address|^Memory state around|^Second to last/, "other"],
  [/^Showing all locks held|^INFO: lockdep is turned off/, "other"],
  [
    /^-> #\d+ |^the existing dependency chain|^the .*irq-unsafe lock|irq event stamp|^\{.*-(?:W|R)\} state was registered at/,
    "lock chain",
  ],
  [/^Preemption disabled at:/, "other"],
  [/^stack backtrace:|^Call [Tt]race:|^Backtrace:|^Kernel panic/, "main"],
];

function noteSection(current: OpenEvent, text: string): void {
  if (current.stack === "main" && current.event.frames.length === 0 && text === "") return;
  for (const [pattern, section] of sections) {
    if (!pattern.test(text)) continue;
    if (section === "main" && current.event.frames.some((frame) => frame.stack === "main")) return;
    current.stack = section;
    return;
  }
}

function close(opened: OpenEvent): KernelEvent {
  const { event, rule } = opened;
  event.class = nameClass(rule, opened.groups, opened.body);
  if (rule.blame === "locks") readLockLine(opened);
  const blamed = blame(event, rule);
  if (blamed !== undefined) event.blamed = blamed;
  event.title = titleOf(event, rule, { groups: opened.groups, body: opened.body });
  event.signature = signatureOf(event);
  return event;
}

/** Lockdep names the place where the lock was (to be) taken; the first such line counts. */
function readLockLine(opened: OpenEvent): void {
  const { event } = opened;
  for (const text of opened.body) {
    const at = /\bat: (?:\[<[0-9a-f]+>\] ?)?(?:<?[0-9a-f]{8,16}>? )?([A-Za-z_][\w.$]*.*)$/.exec(text)?.[1];
    if (at === undefined) continue;
    const frame = parseFrame(at);
    event.named = frame?.function ?? stripSuffixes(at.split(/[\s+]/)[0] ?? "");
    event.frames.unshift({
      ...(frame ?? { function: event.named, reliable: true, inline: false }),
      context: "task",
      stack: "headline",
    });
    if (event.frameIndexOfIp !== undefined) event.frameIndexOfIp += 1;
    return;
  }
}
