// From the text of a kernel log to what went wrong in it. Several CPUs may write at once: lines that carry a caller id
// are read per caller, so that each event gets its own frames only.
import { blame, reportsItself } from "./blame.js";
import { startEvent, endsInPanic } from "./event-start.js";
import { inferPointer } from "./fault-frame.js";
import type { KernelEvent } from "./kernel-event.js";
import { readLogLine, type LogLine } from "./log-line.js";
import { openEvent, readInto, type OpenEvent } from "./open-event.js";
import { signatureOf } from "./signature.js";
import { parseFrames } from "./stack-frame.js";
import type { SymptomRule } from "./symptom-rule.js";
import { nameClass, titleOf } from "./title.js";

const longestEventLines = 600;
/** Enough for any machine's life; a log that repeats one forever must not fill the memory. */
const mostEvents = 2000;
/** Two CPUs on one serial line: the second's message begins in the middle. */
const nextMessage = /\[ {0,4}\d{1,6}\.\d{6}\](?:\[ *[TC]\d+\])? /;
/** In a mail that quotes everything, the stacks of memleak and page_owner are no part of a crash. */
const otherPrint =
  /allocations from stack$|stacks with outstanding allocations|^Page allocated via order \d|^\d+ times, \d+ pages/;

/** Reads dmesg, journal, syslog, netconsole, console captures and quoted mails. Never throws; order is the log's. */
export function readKernelLog(text: string): KernelEvent[] {
  const log = new OpenLog();
  for (const raw of text.split("\n")) log.read(raw);
  return log.events();
}

/** A log that is read line by line, so that a large one need not be in memory. */
export class OpenLog {
  private readonly begun: OpenEvent[] = [];
  private readonly open = new Map<string, OpenEvent>();
  private lastCaller = "";
  private stalled: OpenEvent | undefined;
  /** Nothing but what a person wrote before the log: no line of it had a carrier's prefix. */
  private proseSoFar = true;
  private before = "";
  private number = 0;

  /** The next line, without its line end. */
  read(raw: string): void {
    this.number += 1;
    const line = readLogLine(raw);
    if (line.foreign === true) return;
    const merged = line.uptimeSeconds === undefined ? -1 : line.text.search(nextMessage);
    if (merged < 0) return this.readMessage(line);
    this.readMessage({ ...line, text: line.text.slice(0, merged) });
    this.readMessage(readLogLine(line.text.slice(merged)));
  }

  private readMessage(line: LogLine): void {
    const caller = line.caller ?? (line.uptimeSeconds === undefined ? this.lastCaller : "");
    this.lastCaller = caller;
    const current = this.open.get(caller);
    const begun = startEvent(line, this.number, current);
    if (begun !== undefined && this.repeated(begun)) return;
    if (begun !== undefined) this.begin(begun, caller);
    else if (current === undefined) this.resume(line, caller);
    else this.goOn(current, line.text, caller);
    this.proseSoFar &&=
      line.uptimeSeconds === undefined &&
      line.stamp === undefined &&
      !otherPrint.test(line.text) &&
      !dumpHead.test(line.text) &&
      !(kernelMessage.test(this.before) && startsInBacktrace(line.text));
    if (line.text.trim() !== "") this.before = line.text;
  }

  /** What went wrong so far. */
  events(): KernelEvent[] {
    return this.begun.map((opened, index) => close(opened, index));
  }

  private begin(opened: OpenEvent, caller: string): void {
    if (this.begun.length >= mostEvents) return;
    const single = opened.rule.single === true && this.open.has(caller);
    this.begun.push(opened);
    if (!single) this.open.set(caller, opened);
    if (opened.rule.class === "hang") this.stalled = opened;
  }

  /** The same one-line message again counts on, and the panic that ends an event is no event of its own. */
  private repeated({ event, rule }: OpenEvent): boolean {
    const last = this.begun.at(-1)?.event;
    if (last === undefined) return false;
    if (rule.kind === "panic" && endsInPanic(event.headline)) {
      last.panicked = true;
      return true;
    }
    if (rule.single !== true || last.kind !== event.kind || last.driver !== event.driver) return false;
    last.repeats = (last.repeats ?? 0) + 1;
    return true;
  }

  /** A line outside every event may still belong to one, or be the middle of one whose start was cut off. */
  private resume(line: LogLine, caller: string): void {
    const { text } = line;
    const { stalled } = this;
    if (
      stalled !== undefined &&
      stalled.age < longestEventLines &&
      /^(?:Sending )?NMI backtrace for cpu|^Task dump/.test(text)
    ) {
      this.open.set(caller, stalled);
      readInto(stalled, text);
    } else if (this.isCutOut() && startsInBacktrace(text)) {
      const orphan = openEvent(orphanRule, line, this.number);
      readInto(orphan, text);
      this.begin(orphan, caller);
    }
  }

  /** Nothing was seen of the log that the line is from; a message right before a backtrace says what it is for. */
  private isCutOut(): boolean {
    return this.begun.length === 0 && this.proseSoFar && !kernelMessage.test(this.before);
  }

  private goOn(current: OpenEvent, text: string, caller: string): void {
    if (otherPrint.test(text)) {
      this.open.delete(caller);
      return;
    }
    readInto(current, text);
    const ended = /^---\[ end (?:trace|Kernel panic)/.test(text) && !text.includes("end Kernel");
    if (ended || current.age > longestEventLines) this.open.delete(caller);
  }
}

/** A dump in pstore holds the end of a log, and begins somewhere in it (kernel: fs/pstore/platform.c). */
const dumpHead = /^\w+#\d+ Part\d+\s*$/;

const kernelMessage = /^\s*[\w.-]+: \S/;

const orphanRule: SymptomRule = {
  kind: "backtrace",
  class: "unknown",
  start: /^$/,
  title: "backtrace of {f}",
};

/** What stands in a crash before its calls: who ran, registers, a sleeping task; or what `crash` prints for bt. */
const inside =
  /^\s*(?:(?:Call |Stack |Back ?)trace:|CPU: ?\d+ (?:UID: \d+ )?PID: ?\d+|Pid: \d+, comm: |Workqueue: \S+ \w|E?[RI]IP: |E?IP is at |PC is at |pc ?: |NIP |epc *: |R[A-Z][A-Z]: 00|\S{1,15} +[A-Z] +(?:[0-9a-f]{8,16} +)?\d+ +\d+ +\d+ 0x|PID: \d+ +TASK: [0-9a-f]+ +CPU: \d+ +COMMAND: )/i;

/** A log that was cut out or pasted often starts in the middle of a backtrace. */
function startsInBacktrace(text: string): boolean {
  return inside.test(text) || parseFrames(text).some((frame) => frame.size !== undefined);
}

function close({ event, rule, groups, body }: OpenEvent, index: number): KernelEvent {
  const named = event.frames.find((frame) => frame.stack === "lock")?.function ?? event.named;
  const whole: KernelEvent = { ...event, index, class: nameClass(rule, groups, body) };
  if (named !== undefined) whole.named = named;
  if (whole.ip === undefined && !reportsItself(whole)) inferPointer(whole);
  const blamed = blame(whole, rule);
  if (blamed !== undefined) whole.blamed = blamed;
  whole.title = titleOf(whole, rule, { groups, body });
  whole.signature = signatureOf(whole);
  return whole;
}
