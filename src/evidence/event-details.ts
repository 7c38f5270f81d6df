// What the lines inside an event say besides its frames: who ran, where, with which modules, tainted by what.
import type { KernelEvent, LoadedModule } from "./kernel-event.js";
import { parseFrame, stripSuffixes } from "./stack-frame.js";

const taint = String.raw`(Not tainted|Tainted:? ?[A-Z ]*) +([^A-Z\s]\S*)`;
const whoRan = new RegExp(
  String.raw`CPU: ?(\d+)(?: UID: ?\d+)? PID: ?(\d+) Comm: (.{1,32}?) (?:Kdump: loaded )?${taint}`,
);
const oldWhoRan = new RegExp(String.raw`^Pid: (\d+), comm: (\S{1,16}) ${taint}`);
const taintWords = /^Tainted: ((?:\[[A-Z]\]=\w+,? ?)+)/;
const workqueue = /^Workqueue: \S+ ([A-Za-z_][\w.]*)(?:\+0x\S+)?(?: \[([\w-]+)\])?/;
const pointer =
  /(?:RIP: ?(?:[0-9a-f]{4}:|$|\[| ?\w)|^E?IP(?::| is at) ?|^PC is at |^pc ?: |^NIP \[|^epc ?: |^NIP: )/i;
const userPointer = /RIP: ?0033:|RIP: ?002b:|RIP: ?0023:/;

/** Reads one line into the event; true when it held such a detail. */
export function readDetail(event: KernelEvent, text: string): boolean {
  if (text.includes("PID: ")) {
    const match = whoRan.exec(text);
    if (match === null) return false;
    event.cpu ??= Number(match[1]);
    event.pid ??= Number(match[2]);
    event.process ??= match[3] ?? "";
    event.taint ??= lettersOf(match[4] ?? "");
    event.kernel ??= match[5] ?? "";
    return true;
  }
  if (text.startsWith("Pid: ")) {
    const match = oldWhoRan.exec(text);
    if (match === null) return false;
    event.pid ??= Number(match[1]);
    event.process ??= match[2] ?? "";
    event.taint ??= lettersOf(match[3] ?? "");
    event.kernel ??= match[4] ?? "";
    return true;
  }
  if (text.startsWith("Tainted: [")) {
    const words = taintWords.exec(text)?.[1];
    if (words !== undefined) event.taint = [...words.matchAll(/\[([A-Z])\]/g)].map((m) => m[1]).join("");
    return words !== undefined;
  }
  if (text.startsWith("Workqueue: ")) {
    const work = workqueue.exec(text)?.[1];
    if (work !== undefined) event.workFunction ??= stripSuffixes(work);
    return true;
  }
  return readPointer(event, text);
}

/** The module that a `Workqueue:` line gives its function. */
export function moduleOfWork(text: string): { module?: string } {
  const module = workqueue.exec(text)?.[2];
  return module === undefined ? {} : { module };
}

function lettersOf(words: string): string {
  return words.startsWith("Not")
    ? ""
    : words
        .replace(/^Tainted:?/, "")
        .replace(/[^A-Z]/g, "")
        .replace(/^G/, "");
}

function readPointer(event: KernelEvent, text: string): boolean {
  const match = pointer.exec(text);
  if (match === null) return false;
  if (userPointer.test(text)) return true;
  const rest = text
    .slice(match.index)
    .replace(/^[A-Za-z ]+?(?::| is at|(?= \[))\s*/, "")
    .replace(/^(?:[0-9a-f]{4}:)/, "")
    .replace(/^0x[0-9a-f]+:/, "");
  const frame = parseFrame(rest.trim());
  if (frame === undefined) return false;
  event.ip ??= frame;
  return true;
}

/** `Modules linked in: a b(OE) c [last unloaded: d]`, also one of its continuation lines. */
export function parseModules(text: string): LoadedModule[] {
  const list = text.replace(/^Modules linked in:/, "").replace(/\[last unloaded:.*/, "");
  return list
    .split(/\s+/)
    .map((word) => /^([\w-]+)(?:\(([A-Z+-]+)\))?$/.exec(word))
    .flatMap((m) => (m === null ? [] : [{ name: m[1] ?? "", flags: m[2] ?? "" }]));
}

/** A continuation of a wrapped module list holds only module names. */
export function isModuleContinuation(text: string): boolean {
  return /^\s*(?:[\w-]+(?:\([A-Z+-]+\))?\s+)*[\w-]+(?:\([A-Z+-]+\))?(?:\s+\[last unloaded:.*)?\s*$/.test(
    text,
  );
}
