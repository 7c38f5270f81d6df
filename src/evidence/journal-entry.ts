// journald's formats that hold one entry as fields: -o json (also -sse, -seq), -o json-pretty, -o export, -o verbose.
import type { LogLine } from "./log-line.js";

/** A line that is a whole entry; other log shippers call the message by other names. */
export function readJournalObject(line: LogLine): boolean {
  const fields = objectOf(line.text);
  const message = fields?.MESSAGE ?? fields?.message ?? fields?.log;
  if (fields === undefined || message === undefined) return false;
  if (typeof message === "string") line.text = message;
  else if (Array.isArray(message)) line.text = textOf(message);
  else return false;
  const monotonic = Number(fields._SOURCE_MONOTONIC_TIMESTAMP ?? Number.NaN);
  if (Number.isFinite(monotonic)) line.uptimeSeconds = monotonic / 1e6;
  const realtime = Number(fields.__REALTIME_TIMESTAMP ?? Number.NaN);
  if (Number.isFinite(realtime) && Math.abs(realtime) < 8e18)
    line.stamp = new Date(Math.trunc(realtime / 1000)).toISOString();
  const other = fields._TRANSPORT !== undefined && fields._TRANSPORT !== "kernel";
  if (other && fields.SYSLOG_IDENTIFIER !== "kernel") line.foreign = true;
  return true;
}

/** `MESSAGE=text` of -o export and -o verbose, `"MESSAGE" : "text",` of -o json-pretty. */
export function readJournalField(line: LogLine): boolean {
  if (line.text.startsWith("MESSAGE=")) {
    line.text = line.text.slice(8);
    return true;
  }
  const quoted = /^"MESSAGE" ?: ?(".*"),?\s*$/.exec(line.text)?.[1];
  const whole = quoted === undefined ? undefined : objectOf(`{"MESSAGE":${quoted}}`);
  if (typeof whole?.MESSAGE !== "string") return false;
  line.text = whole.MESSAGE;
  return true;
}

function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** An array of bytes is how the journal writes a message with control characters. */
function textOf(bytes: unknown[]): string {
  return Buffer.from(bytes.map(Number)).toString("utf8");
}
