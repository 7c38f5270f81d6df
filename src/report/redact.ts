// Takes out of a report what names machines and people; the same name becomes the same stand-in everywhere.
import type { Report } from "./report-shape.js";

export type Redact = (text: string) => string;

const mac = /\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/gi;
const ipv4 = /(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)/g;
const ipv6 =
  /(?<![\w:.])(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){7}|(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4})*)?::[0-9a-f]{1,4}(?::[0-9a-f]{1,4})*)(?![\w:])/gi;
const mailAddress = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g;
const uuid = /\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi;
const serial =
  /(\b(?:serial(?:[ _-]?(?:number|no))?|s\/n|sn|(?:service|asset)[ _-]tag|machine-id)\b["']?\s*[:=#]\s*["']?)([\w./-]+)/gi;
/** The host in what syslog and journald put before a kernel's line. */
const syslogHost =
  /^(?:\w{3} +\d+ [\d:.]{8,}|\d{4}-\d\d-\d\dT\S+) (\S+) (?:kernel|systemd\S*|[\w-]+\[\d+\]):/gm;

/** `hosts`: names that are known; those in syslog prefixes of `texts` are found. `keep`: versions that look like addresses. */
export function redactor(
  texts: readonly string[],
  { hosts, keep }: { hosts: readonly string[]; keep: ReadonlySet<string> },
): Redact {
  const found = texts.flatMap((text) => [...text.matchAll(syslogHost)].map(([, host]) => host!));
  const names = [...new Set([...hosts, ...found].flatMap((host) => [host, host.split(".")[0]!]))]
    .filter((host) => host.length > 1 && !/^(?:localhost|[\d.:]+)$/.test(host))
    .sort((a, b) => b.length - a.length);
  const standIns = new Map<string, string>();
  const standIn = (kind: string, text: string, make: (number: number) => string): string => {
    const key = `${kind} ${text.toLowerCase()}`;
    const known = standIns.get(key);
    if (known !== undefined) return known;
    const made = make([...standIns.keys()].filter((one) => one.startsWith(`${kind} `)).length + 1);
    standIns.set(key, made);
    return made;
  };
  const host =
    names.length === 0
      ? undefined
      : new RegExp(`(?<![\\w-])(?:${names.map(escapePattern).join("|")})(?![\\w-])`, "gi");
  return (text) => {
    const plain = text
      .replace(serial, "$1[redacted]")
      .replace(uuid, (one) =>
        standIn("uuid", one, (n) => `00000000-0000-0000-0000-${String(n).padStart(12, "0")}`),
      )
      .replace(mailAddress, (one) => standIn("mail", one, (n) => `someone-${n}@example.org`))
      .replace(mac, (one) => standIn("mac", one, (n) => `02:00:00:00:${hex(n >> 8)}:${hex(n & 255)}`))
      .replace(ipv6, (one) => standIn("ipv6", one, (n) => `2001:db8::${n.toString(16)}`))
      .replace(ipv4, (one, at: number) =>
        isAddress(one, text.slice(0, at), keep) ? standIn("ipv4", one, (n) => `192.0.2.${n}`) : one,
      );
    return host === undefined
      ? plain
      : plain.replace(host, (one) => standIn("host", one.split(".")[0]!, (n) => `host-${n}`));
  };
}

/** Everything but the sources' own text, which is public. */
export function redactReport(report: Report, redact: Redact): Report {
  const { patch, changes, suspects, old, new: current, fixed, culprit, timeline, ...rest } = report;
  return {
    ...(mapStrings(rest, redact) as typeof rest),
    ...(patch === undefined ? {} : { patch }),
    ...(fixed === undefined ? {} : { fixed }),
    ...(culprit === undefined ? {} : { culprit }),
    changes,
    suspects,
    old,
    new: current,
    timeline,
  };
}

function mapStrings(value: unknown, change: Redact): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((one) => mapStrings(one, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, mapStrings(one, change)]));
}

/** Driver versions have four numbers too ("version 2.10.19.82"). */
function isAddress(text: string, before: string, keep: ReadonlySet<string>): boolean {
  if (keep.has(text) || /(?:\bv|version:?\s*|-)$/i.test(before)) return false;
  return text.split(".").every((part) => Number(part) <= 255) && !text.startsWith("127.");
}

function hex(number: number): string {
  return number.toString(16).padStart(2, "0");
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
