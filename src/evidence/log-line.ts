// A kernel message travels through dmesg, journald, syslog, netconsole, serial consoles and mail, and each puts its
// own prefix before it. They are taken off one after another until none is left.
import { readJournalField, readJournalObject } from "./journal-entry.js";

/** One line of a log without its carriers' prefixes. */
export interface LogLine {
  text: string;
  /** printk's own clock, in seconds since boot. */
  uptimeSeconds?: number;
  /** printk's caller id (`T123` a task, `C1` a CPU in interrupt), with CONFIG_PRINTK_CALLER. */
  caller?: string;
  /** The carrier's wall clock as it was written. */
  stamp?: string;
  /** Not the kernel's: another program's line in the same journal. */
  foreign?: true;
}

const month = String.raw`(?:\p{L}{2,5}\.?|\d{1,2}月)`;
const clock = String.raw`\d\d:\d\d:\d\d(?:[.,]\d{1,9})?`;
const date = String.raw`\d{4}-\d\d-\d\d`;
const facility = String.raw`(?:kern|daemon|user|syslog)\.\w{1,8}`;
const kernelTag = String.raw`(?:kernel|klogd|kmsg|vmunix)(?:\[\d*\])?: ?`;
const otherTag = String.raw`[\w./@:()-]{1,64}\[\d+\]:(?: |$)`;
const uptimeAhead = String.raw`(?=\[ *\d+\.\d)`;
/** After a wall clock: a host, and who said it; the first group is set when it was another program. */
const speaker = String.raw`(?:: |[ \t]+(?:(?:${facility} )?${kernelTag}|${facility}: ?|${uptimeAhead}|[^\s\[]{1,255} (?:(?:${facility} )?${kernelTag}|${uptimeAhead}|(${otherTag}))))`;

/** Some vendors print the CPU before the time: `[2-124.4305]`. */
const uptime = /^\[ *(?:\d{1,3}-)?(\d{1,9}\.\d{1,9})(?:[,@]\d{1,3}| ?<[ \d.+-]{1,20}>)? ?\] ?/;
const delta = /^\[ *(?:\+|< *)\d{1,9}\.\d{1,9} *>? ?\] ?/;
const callerId = /^ ?\[ *([TC]\d+)\] ?/;
const vendorCaller =
  /^(?:\[pid:(\d+),[^\]]{1,40}\] ?|\[\d: *[^\]:]{1,20}: *(\d+)\] ?| ?\(\d\)\[(\d+):[^\]]{1,32}\] ?)/;
const monotonicHost = new RegExp(String.raw`^[\w.-]{1,64} (?:kernel(?:\[\d+\])?: ?|(${otherTag}))`);
const bracketStamp = new RegExp(
  String.raw`^\[((?:[^\s\]\d]{1,6} ${month} {1,2}\d{1,2} ${clock} \d{4}|${month} ?\d{1,2} \d\d:\d\d|${date}[T ]${clock}[^\]\s]{0,8}(?: [A-Z+\d:]{1,6})?|${clock}))\] ?`,
  "u",
);
const level = /^<\d{1,3}>(?: (?=\[))?/;
const rfc5424 = /^1 (\S{1,40}) \S{1,255} (\S{1,48}) \S{1,128} \S{1,32} (?:-|\[[^\]]{0,400}\]) ?\ufeff?/;
const quote = /^(?:> ?)+/;
const syslog = new RegExp(
  String.raw`^((?:\p{L}{2,5}\.? )?${month} {1,2}\d{1,2}(?: \d{4})? ${clock}(?: \d{4})?)${speaker}`,
  "u",
);
const iso = new RegExp(
  String.raw`^((?:\p{L}{2,5}\.? )?${date}[T ]${clock}(?:Z|[+-]\d\d:?\d\d| [A-Z]{2,5}| [+-]\d\d)?)${speaker}`,
  "u",
);
const isoAlone = new RegExp(String.raw`^(${date}T${clock}(?:Z|[+-]\d\d:?\d\d)) `);
const unix = /^(\d{9,11}\.\d{1,6}) \S{1,255} kernel(?:\[\d+\])?: ?/;
const clockAlone = new RegExp(String.raw`^(${clock})[ \t]+${uptimeAhead}`);
const logcat = /^(\d\d-\d\d \d\d:\d\d:\d\d\.\d{3})\s+(?:\w{1,16}\s+)?\d+\s+\d+ [VDIWEF] [^:]{0,24}: ?/;
const netconsole =
  /^(?:\d[\w.+~-]{1,64},)?\d{1,3},\d{1,20},(\d{1,20}),[-c+f]?(?:,caller=([TC]\d+))?[^;]{0,200};/;
const bare =
  /^(?:kernel: ?|(?:kern|daemon|user) *:\w+ *: ?|(?:kern|daemon|user)\.\w{1,8}(?: kernel)?: ?|data: (?=\{))/;
const hostAlone = /^[\w.-]{1,64} kernel(?:\[\d+\])?: ?/;
const serialTime = /^\d{1,9}\.\d{1,6}[ \t]+(?=\[ *\d+\.\d)/;
const dropped = /^\*\* \d+ printk messages dropped \*\* ?/;
const login = /^[\w.-]{1,64} login: (?=\[ *\d)/;
const indent = new RegExp(
  String.raw`^[ \t]+(?=\[ *[+<]? *\d+\.\d|<\d>|> |kernel:|"?MESSAGE"?[ =:]|\{"|${date}|\p{L}{3} {1,2}\d{1,2} \d\d:\d\d)`,
  "u",
);
const noise = /\u001b\[[0-9;]{0,12}[A-Za-z]|^[^\0]{0,2}\0{6,7}|\0+|\ufeff|\u001e/g;

/** Strips every carrier's prefix. Never throws; a line that has none comes back as it is. */
export function readLogLine(raw: string): LogLine {
  const line: LogLine = { text: raw.endsWith("\r") ? raw.trimEnd() : raw };
  if (line.text.length > 100_000) line.text = line.text.slice(0, 100_000);
  if (/[\u001b\0\ufeff\u001e]/.test(line.text)) line.text = line.text.replace(noise, "");
  for (let round = 0; round < 10 && line.foreign === undefined && strip(line); round++);
  if (line.text.includes("&lt;") || line.text.includes("&gt;"))
    line.text = line.text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
  if (line.text.includes("#011")) line.text = line.text.replaceAll("#011", "\t");
  return line;
}

function strip(line: LogLine): boolean {
  const first = line.text.charCodeAt(0);
  if (first === 91 /* [ */) return stripBracket(line);
  if (first === 32 || first === 9)
    return (line.uptimeSeconds !== undefined && stripCaller(line)) || take(line, indent);
  if (first === 60 /* < */) return take(line, level);
  if (first === 62 /* > */) return take(line, quote);
  if (first === 123 /* { */) return readJournalObject(line);
  if (first === 34 /* " */) return readJournalField(line);
  if (first === 42 /* * */) return take(line, dropped);
  if (first === 40 /* ( */) return line.uptimeSeconds !== undefined && stripCaller(line);
  if (first === 77 /* M */ && readJournalField(line)) return true;
  return first >= 48 && first <= 57 ? stripNumber(line) || stripWords(line) : first >= 65 && stripWords(line);
}

function stripBracket(line: LogLine): boolean {
  const known = line.uptimeSeconds !== undefined;
  return (
    take(line, uptime, (m) => (line.uptimeSeconds = Number(m[1]))) ||
    (known && stripCaller(line)) ||
    take(line, bracketStamp, (m) => (line.stamp = m[1] ?? "")) ||
    (!known && take(line, delta))
  );
}

function stripCaller(line: LogLine): boolean {
  return (
    take(line, callerId, (m) => (line.caller = m[1] ?? "")) ||
    take(line, vendorCaller, (m) => (line.caller = `T${m[1] ?? m[2] ?? m[3] ?? ""}`))
  );
}

function stripNumber(line: LogLine): boolean {
  return (
    stripClock(line, iso) ||
    take(line, netconsole, (m) => {
      line.uptimeSeconds = Number(m[1]) / 1e6;
      if (m[2] !== undefined) line.caller = m[2];
    }) ||
    take(line, isoAlone, (m) => (line.stamp = m[1] ?? "")) ||
    take(line, rfc5424, (m) => {
      line.stamp = m[1] ?? "";
      if (m[2] !== "kernel") line.foreign = true;
    }) ||
    take(line, unix, (m) => (line.stamp = m[1] ?? "")) ||
    take(line, clockAlone, (m) => (line.stamp = m[1] ?? "")) ||
    take(line, serialTime) ||
    take(line, logcat, (m) => (line.stamp = m[1] ?? ""))
  );
}

function stripWords(line: LogLine): boolean {
  return (
    stripClock(line, syslog) ||
    take(line, bare) ||
    (line.uptimeSeconds !== undefined && take(line, monotonicHost, (m) => markForeign(line, m[1]))) ||
    stripClock(line, iso) ||
    take(line, hostAlone) ||
    take(line, login)
  );
}

function stripClock(line: LogLine, pattern: RegExp): boolean {
  return take(line, pattern, (m) => {
    line.stamp = m[1] ?? "";
    markForeign(line, m[2]);
  });
}

function markForeign(line: LogLine, program: string | undefined): void {
  if (program !== undefined) line.foreign = true;
}

function take(line: LogLine, pattern: RegExp, note?: (match: RegExpExecArray) => unknown): boolean {
  const match = pattern.exec(line.text);
  if (match === null || match[0].length === 0) return false;
  note?.(match);
  line.text = line.text.slice(match[0].length);
  return true;
}
