// What an archive may grow to before it is refused, as the command line says it: --limit total=8GiB.
import { usageFault } from "../fault/fault.js";
import { defaultLimits, type ArchiveLimits } from "../tarballs/limits.js";
import { parseByteSize } from "./byte-size.js";

const fields = {
  total: { field: "totalBytes", parse: parseByteSize },
  file: { field: "fileBytes", parse: parseByteSize },
  entries: { field: "entries", parse: parseCount },
  ratio: { field: "ratio", parse: parseCount },
  name: { field: "nameBytes", parse: parseByteSize },
} as const satisfies Record<string, { field: keyof ArchiveLimits; parse: (text: string) => number }>;

/** The names that --limit knows. */
export const limitNames = Object.keys(fields);

/** The usual limits but for those given as NAME=SIZE. A usage fault for another name, or for what is no size. */
export function archiveLimits(given: readonly string[]): ArchiveLimits {
  const limits = { ...defaultLimits };
  for (const text of given) {
    const [name = "", value = ""] = text.split("=", 2);
    if (!text.includes("=") || !Object.hasOwn(fields, name))
      throw usageFault(
        `"${text}" is no limit of archives`,
        `write NAME=SIZE; names: ${limitNames.join(", ")}`,
      );
    const { field, parse } = fields[name as keyof typeof fields];
    limits[field] = parse(value);
  }
  return limits;
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw usageFault(`"${text}" is no count`, "write it like 500000");
  return Number(text);
}
