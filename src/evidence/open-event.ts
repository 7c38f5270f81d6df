// An event while its lines come in: each line adds a frame, a detail, or moves to another of its stacks.
import { moduleOfWork, readDetail } from "./event-details.js";
import { functionIn, readHeadline } from "./headline.js";
import type { KernelEvent } from "./kernel-event.js";
import { isModuleContinuation, parseModules } from "./loaded-modules.js";
import type { LogLine } from "./log-line.js";
import { parseFrames, stripSuffixes, type ParsedFrame, type StackContext } from "./stack-frame.js";
import { isAside, noteSection, takeContext } from "./stack-section.js";
import type { SymptomRule } from "./symptom-rule.js";

export interface OpenEvent {
  event: KernelEvent;
  rule: SymptomRule;
  /** What the rule's pattern caught in the headline. */
  groups: readonly string[];
  /** Lines seen since it started. */
  age: number;
  /** Where the next frame belongs. */
  context: StackContext;
  stack: string;
  trace: number;
  inModules: boolean;
  /** What its first line is indented by: a log that was pasted into a mail is so throughout. */
  indent: string;
  /** Its first lines, for what only a wording tells. */
  body: string[];
}

const longestBody = 40;
const mostFrames = 1000;
const mostModules = 2000;

/** A new event at its first line. */
export function openEvent(rule: SymptomRule, line: LogLine, number: number): OpenEvent {
  const text = line.text.trim();
  const event: KernelEvent = {
    index: 0,
    kind: rule.kind,
    class: rule.class,
    title: "",
    headline: text,
    line: number,
    frames: [],
    modulesInStack: [],
    modules: [],
    panicked: rule.kind === "panic",
    signature: "",
  };
  if (line.uptimeSeconds !== undefined) event.uptimeSeconds = line.uptimeSeconds;
  if (line.stamp !== undefined) event.stamp = line.stamp;
  const groups = Array.from(rule.start.exec(text) ?? [], (group: string | undefined) => group ?? "");
  const opened: OpenEvent = {
    event,
    rule,
    groups,
    age: 0,
    context: "task",
    stack: "main",
    trace: 0,
    inModules: false,
    indent: /^\s*/.exec(line.text)?.[0] ?? "",
    body: [],
  };
  if (rule.kind === "backtrace") return opened;
  readHeadline(event, text);
  readDetail(event, text);
  pushNamed(opened, text, "headline");
  return opened;
}

/** The function that a line gives by itself, as a frame with what is known of it. */
function pushNamed(opened: OpenEvent, text: string, stack: string): void {
  const found = functionIn(text);
  if (found === undefined) return;
  const whole = /^\S+(?: \[[\w-]+\])?/.exec(text.slice(found.index))?.[0] ?? found.name;
  const [frame] = parseFrames(whole);
  push(opened, frame ?? bareFrame(stripSuffixes(found.name)), stack);
}

function bareFrame(name: string): ParsedFrame {
  return { function: name, reliable: true, inline: false };
}

function push(opened: OpenEvent, frame: ParsedFrame, stack: string): void {
  const { event, context, trace } = opened;
  if (event.frames.length >= mostFrames) return;
  event.frames.push({ ...frame, context, stack, trace });
  if (frame.module !== undefined && !event.modulesInStack.includes(frame.module))
    event.modulesInStack.push(frame.module);
}

/** Reads one more line into the event. */
export function readInto(opened: OpenEvent, line: string): void {
  const { event, indent } = opened;
  const text = indent !== "" && line.startsWith(indent) ? line.slice(indent.length) : line;
  opened.age += 1;
  if (opened.body.length < longestBody) opened.body.push(text);
  if (readModules(opened, text)) return;
  const { ip, workFunction } = event;
  const detail = readDetail(event, text);
  if (event.ip !== undefined && ip === undefined) {
    event.frameIndexOfIp = event.frames.length;
    push(opened, event.ip, "ip");
  }
  if (event.workFunction !== undefined && workFunction === undefined)
    push(opened, { ...bareFrame(event.workFunction), ...moduleOfWork(text) }, "work");
  if (detail || readLastFunction(opened, text) || readLockSite(opened, text)) return;
  if (opened.rule.kind === "module-assertion" && event.named === undefined) nameAssertion(opened, text);
  noteSection(opened, text);
  const inside = text.replace(/^Call Trace:\s*(?=\S)/, "");
  const bare = inside.includes("<") ? takeContext(opened, inside) : inside;
  if (isAside(bare)) return;
  for (const frame of parseFrames(bare)) {
    const { callee, ...one } = frame;
    const last = event.frames.at(-1);
    if (callee === true && last?.function === one.function && last.trace === opened.trace) continue;
    push(opened, one, opened.stack);
  }
}

function readModules(opened: OpenEvent, text: string): boolean {
  const { event } = opened;
  const started = text.startsWith("Modules linked in:");
  const goesOn = !started && opened.inModules && isModuleContinuation(text);
  opened.inModules = started || goesOn;
  if (started && event.modules.length > 0) return true;
  if ((started || goesOn) && event.modules.length < mostModules) event.modules.push(...parseModules(text));
  return started || goesOn;
}

/** `last function: f` of a work item that kept a lock. */
function readLastFunction(opened: OpenEvent, text: string): boolean {
  if (!text.includes("last function: ")) return false;
  const name = /last function: ([A-Za-z_]\w*)/.exec(text)?.[1];
  if (name === undefined) return false;
  opened.event.named = name;
  push(opened, bareFrame(name), "lock");
  return true;
}

/** `PANIC at file.c:12:f()` and `(file.c:12:f()) SPL PANIC` follow the condition that failed. */
function nameAssertion(opened: OpenEvent, text: string): void {
  if (opened.age > 4 || !/PANIC|LBUG/.test(text)) return;
  const found = functionIn(text);
  if (found === undefined) return;
  opened.event.named = stripSuffixes(found.name);
  pushNamed(opened, text, "headline");
}

/** Lockdep names the places where the locks were, or were to be, taken: `(&a->lock){....}, at: f+0x1/0x2`. */
function readLockSite(opened: OpenEvent, text: string): boolean {
  if (opened.rule.blame !== "locks" && opened.rule.blame !== "chain") return false;
  const at = /\bat: (?:\[<[0-9a-f]+>\] ?)?(?:<?[0-9a-f]{8,16}>? )?([A-Za-z_][\w.$]*\S*(?: \[[\w-]+\])?)/.exec(
    text,
  )?.[1];
  if (at === undefined) return false;
  const [frame] = parseFrames(at);
  push(opened, frame ?? bareFrame(stripSuffixes(at.split(/[\s+]/)[0] ?? "")), "lock");
  return true;
}
