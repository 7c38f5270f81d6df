// Pax headers (POSIX.1-2017, pax, "pax Extended Header"): records "LENGTH KEY=VALUE\n", lengths in bytes, so that a
// value may hold newlines.

/** What a pax header says of the entry after it, of what matters here. */
export interface PaxFields {
  path?: string;
  linkpath?: string;
  sizeBytes?: number;
  /** Seconds since 1970. */
  modifiedAt?: number;
  /** GNU tar's sparse files: what stands in the archive is a map and pieces, not the file. */
  sparse?: true;
}

/** Reads a header's records; throws, as the second half of a sentence, where they are no records. */
export function parsePax(content: Buffer): PaxFields {
  const fields: PaxFields = {};
  for (let at = 0; at < content.length && content[at] !== 0;) {
    const [whole, digits = ""] = /^(\d{1,7}) /.exec(content.toString("latin1", at, at + 8)) ?? [];
    const end = at + Number(digits);
    const equals = content.indexOf("=", at);
    if (whole === undefined || end > content.length || content[end - 1] !== 10 || equals < 0 || equals >= end)
      throw new Error("is damaged (a pax header is none)");
    const key = content.toString("utf8", at + whole.length, equals);
    Object.assign(fields, fieldOf(key, content.toString("utf8", equals + 1, end - 1)));
    at = end;
  }
  return fields;
}

/** An empty value takes back what an earlier record said; the header's own field is then as good. */
function fieldOf(key: string, value: string): PaxFields {
  if (key.startsWith("GNU.sparse.")) return { sparse: true };
  if (value === "") return {};
  if (key === "path" || key === "linkpath") return { [key]: value };
  if (key === "size") return { sizeBytes: numberOf(key, value) };
  return key === "mtime" ? { modifiedAt: Math.floor(numberOf(key, value)) } : {};
}

function numberOf(key: string, value: string): number {
  const number = Number(value);
  const isRight = key === "size" ? Number.isSafeInteger(number) && number >= 0 : Number.isFinite(number);
  if (!isRight)
    throw new Error(`is damaged (a pax header says ${key}=${JSON.stringify(value.slice(0, 40))})`);
  return number;
}
