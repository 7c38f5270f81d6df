// What the lines inside an event say besides its frames: who ran, where, tainted by what, and the instruction pointer.
import type { KernelEvent } from "./kernel-event.js";
import { parseFrame, stripSuffixes } from "./stack-frame.js";

// Red Hat's kernels print dashes behind the letters: `Tainted: G           OE    --------- -t - 4.18.0-305.el8.x86_64`.
const taint = String.raw`(Not tainted|Tainted:? ?[A-Z +-]{0,40}?)[-t ]{0,40} {1,20}\(?(\d\S*)`;
const whoRan = new RegExp(
  String.raw`CPU: ?(\d+)(?: UID: ?\d+)? PID: ?(\d+) Comm: (.{1,32}?) (?:Kdump: loaded )?${taint}`,
);
const oldWhoRan = new RegExp(String.raw`^Pid: (\d+), comm: (.{1,16}?) ${taint}`);
const oldArm = new RegExp(String.raw`^CPU: ?(\d+) +${taint}`);
const taintAlone = new RegExp(String.raw`^\s+${taint} #`);
const lockdepWho = /^(\d\S+) #\d+ (Not tainted|Tainted:? ?[A-Z ]*)$/;
const taintWords = /^Tainted: ((?:\[[A-Z]\]=\w+,? ?)+)/;
const processLine = /^Process (.{1,16}?) \(pid: (\d+)[,)]/;
const crashTask = /^PID: (\d+) +TASK: [0-9a-f]+ +CPU: (\d+) +COMMAND: "(.{1,16})"/;
const eip = /^EIP: [0-9a-f]{4}:\[<[0-9a-f]+>\].* CPU: (\d+)/;
const workqueue = /^Workqueue: \S+ ([A-Za-z_][\w.]*)(?:\+0x\S+)?(?: \[([\w-]+)\])?/;

/** Reads one line into the event; true when it held nothing else. */
export function readDetail(event: KernelEvent, text: string): boolean {
  if (text.includes("PID: ")) {
    const [, cpu, pid, name, words, kernel] = whoRan.exec(text) ?? [];
    const [, crashPid, crashCpu, crashName] = crashTask.exec(text) ?? [];
    return note(event, {
      cpu: cpu ?? crashCpu,
      pid: pid ?? crashPid,
      name: name ?? crashName,
      words,
      kernel,
    });
  }
  switch (text.charCodeAt(0)) {
    case 67 /* C */: {
      const [, cpu, words, kernel] = oldArm.exec(text) ?? [];
      return note(event, { cpu, words, kernel });
    }
    case 69 /* E */:
      note(event, { cpu: eip.exec(text)?.[1] });
      break;
    case 80 /* P */: {
      const [, pid, name, words, kernel] = oldWhoRan.exec(text) ?? [];
      const [, other, number] = processLine.exec(text) ?? [];
      if (note(event, { pid: pid ?? number, name: name ?? other, words, kernel })) return true;
      break;
    }
    case 84 /* T */:
      if (readTaintWords(event, text)) return true;
      break;
    case 87 /* W */:
      if (text.startsWith("Workqueue: ")) return readWork(event, text);
      break;
    default:
      if (text.includes("ainted")) {
        const [, words, kernel] = taintAlone.exec(text) ?? [];
        const [, version, old] = lockdepWho.exec(text) ?? [];
        if (note(event, { words: words ?? old, kernel: kernel ?? version })) return true;
      }
  }
  return readPointer(event, text);
}

interface Found {
  cpu?: string | undefined;
  pid?: string | undefined;
  name?: string | undefined;
  words?: string | undefined;
  kernel?: string | undefined;
}

/** What an earlier line said stands. */
function note(event: KernelEvent, found: Found): boolean {
  const { cpu, pid, name, words, kernel } = found;
  if (cpu !== undefined) event.cpu ??= Number(cpu);
  if (pid !== undefined) event.pid ??= Number(pid);
  if (name !== undefined) event.process ??= name;
  if (words !== undefined) event.taint ??= lettersOf(words);
  if (kernel !== undefined) event.kernel ??= kernel;
  return cpu !== undefined || pid !== undefined || words !== undefined;
}

function readTaintWords(event: KernelEvent, text: string): boolean {
  const words = taintWords.exec(text)?.[1];
  if (words !== undefined) event.taint = [...words.matchAll(/\[([A-Z])\]/g)].map((m) => m[1]).join("");
  return words !== undefined;
}

function readWork(event: KernelEvent, text: string): boolean {
  const work = workqueue.exec(text)?.[1];
  if (work !== undefined) event.workFunction ??= stripSuffixes(work);
  return true;
}

/** The module that a `Workqueue:` line gives its function. */
export function moduleOfWork(text: string): { module?: string } {
  const module = workqueue.exec(text)?.[2];
  return module === undefined ? {} : { module };
}

function lettersOf(words: string): string {
  return words.startsWith("Not") ? "" : words.replace(/^Tainted:?/, "").replace(/[^A-FH-Z]/g, "");
}

/** Each machine has its own word for it; user space's are nobody's. */
const pointer =
  /(?:^|[ >])(?:RIP|rip): ?(?:([0-9a-f]{4}):)?|^(?:RIP {2}|E?IP: ?|E?IP is at |PC is at |pc ?: |NIP |NIP: |epc *: |ERA: |Krnl PSW : |TPC: |IAOQ\[0\]: |\[exception RIP: )/;
const pointed = /[<(]?([A-Za-z_.$][\w.$:]*\+(?:0x)?[0-9a-f]+(?:\/0x[0-9a-f]+)?[)>]?(?: \[[^\]]{1,100}\])?)/;
const userSegments = /^00(?:33|2b|23|73|7b)$/;

function readPointer(event: KernelEvent, text: string): boolean {
  const match = pointer.exec(text.startsWith(" ") ? text.trimStart() : text);
  if (match === null) return false;
  if (match[1] !== undefined && userSegments.test(match[1])) return true;
  const rest = text
    .trimStart()
    .slice(match.index + match[0].length)
    .slice(0, 400);
  const said = pointed.exec(rest)?.[1];
  const hex = said
    ?.replace(/[)>]/, "")
    .replace(/\+(?!0x)(\d+)$/, (_all, d: string) => `+0x${Number(d).toString(16)}`);
  const frame = parseFrame(hex ?? rest);
  if (frame === undefined || frame.inline) return false;
  event.ip ??= frame;
  return true;
}
