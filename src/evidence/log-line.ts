// A kernel message travels through dmesg, journald, syslog, netconsole, serial consoles and mail, and each puts its
// own prefix before it. They are taken off one after another until none is left.

/** One line of a log without its carriers' prefixes. */
export interface LogLine {
  text: string;
  /** printk's own clock, in seconds since boot. */
  uptimeSeconds?: number;
  /** printk's caller id (`T123` a task, `C1` a CPU in interrupt), with CONFIG_PRINTK_CALLER. */
  caller?: string;
  /** The carrier's wall clock as it was written. */
  stamp?: string;
}

const uptime = /^\[ *(\d+\.\d+)\] ?/;
const callerId = /^ ?\[ *([TC]\d+)\] ?/;
const bracketStamp = /^\[([^\W\d]{2,4}\.? [^\W\d]{3,4}\.? [ \d]\d \d\d:\d\d:\d\d \d{4}|\s*\+\d+\.\d+)\] ?/u;
const level = /^<\d+>/;
const quote = /^(?:> ?)+/;
const syslog =
  /^(\p{L}{3}\.? +\d{1,2} \d\d:\d\d:\d\d(?:[.,]\d+)?) (?:\S+ (?:kernel(?:\[\d*\])?: ?|[\w./-]+\[\d+\]: )|\S+ (?=\[ *\d+\.\d))/u;
const iso =
  /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*) (?:\S+ (?:kernel(?:\[\d*\])?: ?|[\w./-]+\[\d+\]: )|\S+ (?=\[ *\d+\.\d)|kernel: ?)/;
const netconsole = /^\d+,\d+,(\d+),[-c+f]?(?:,caller=([TC]\d+))?[^;]{0,200};/;
const bare = /^(?:kernel: ?|(?:kern|daemon|user) *:\w+ *: ?|\*\* \d+ printk messages dropped \*\* ?)/;
const login = /^[\w.-]{1,64} login: (?=\[ *\d)/;

/** Strips every carrier's prefix. Never throws; a line that has none comes back as it is. */
export function readLogLine(raw: string): LogLine {
  const line: LogLine = { text: raw.endsWith("\r") ? raw.trimEnd() : raw };
  if (line.text.startsWith("{")) readJournalObject(line);
  for (let round = 0; round < 8 && strip(line); round++);
  return line;
}

function strip(line: LogLine): boolean {
  const { text } = line;
  const first = text.charCodeAt(0);
  if (first === 91 /* [ */ || (first === 32 && line.uptimeSeconds !== undefined && text.startsWith(" ["))) {
    return (
      take(line, uptime, (m) => (line.uptimeSeconds = Number(m[1]))) ||
      (line.uptimeSeconds !== undefined && take(line, callerId, (m) => (line.caller = m[1] ?? ""))) ||
      take(line, bracketStamp, (m) => (line.stamp = m[1] ?? ""))
    );
  }
  if (first === 60 /* < */) return take(line, level);
  if (first === 62 /* > */) return take(line, quote);
  if (first >= 48 && first <= 57) {
    return (
      take(line, iso, (m) => (line.stamp = m[1] ?? "")) ||
      take(line, netconsole, (m) => {
        line.uptimeSeconds = Number(m[1]) / 1e6;
        if (m[2] !== undefined) line.caller = m[2];
      })
    );
  }
  if (first < 65) return first === 42 /* * */ && take(line, bare);
  return take(line, syslog, (m) => (line.stamp = m[1] ?? "")) || take(line, bare) || take(line, login);
}

function take(line: LogLine, pattern: RegExp, note?: (match: RegExpExecArray) => unknown): boolean {
  const match = pattern.exec(line.text);
  if (match === null || match[0].length === 0) return false;
  note?.(match);
  line.text = line.text.slice(match[0].length);
  return true;
}

/** `journalctl -o json`: the message is a string, or an array of bytes when it holds control characters. */
function readJournalObject(line: LogLine): void {
  let entry: unknown;
  try {
    entry = JSON.parse(line.text);
  } catch {
    return;
  }
  if (typeof entry !== "object" || entry === null) return;
  const fields = entry as Record<string, unknown>;
  const message = fields.MESSAGE;
  if (typeof message === "string") line.text = message;
  else if (Array.isArray(message)) line.text = Buffer.from(message as number[]).toString("utf8");
  else return;
  const monotonic = Number(fields._SOURCE_MONOTONIC_TIMESTAMP);
  if (Number.isFinite(monotonic)) line.uptimeSeconds = monotonic / 1e6;
  const realtime = Number(fields.__REALTIME_TIMESTAMP);
  if (Number.isFinite(realtime) && Math.abs(realtime) < 8e18)
    line.stamp = new Date(Math.trunc(realtime / 1000)).toISOString();
}
