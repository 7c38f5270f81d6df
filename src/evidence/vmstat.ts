/** /proc/vmstat by its own names, and the pages that were taken and not given back. */
export interface Vmstat {
  fields: Record<string, number>;
  /** sum(pgalloc_*) - pgfree: exact, needs no debug option. Only its change between two readings means something. */
  livePages?: number;
}

/** Reads /proc/vmstat; undefined when it holds no counter. */
export function readVmstat(text: string): Vmstat | undefined {
  const fields: Record<string, number> = {};
  for (const [, name, value] of text.matchAll(/^(\w+) (\d+)[ \t\r]*$/gm)) fields[name ?? ""] = Number(value);
  const names = Object.keys(fields);
  if (names.length === 0) return undefined;
  const allocated = names.filter((name) => name.startsWith("pgalloc_"));
  if (allocated.length === 0 || fields.pgfree === undefined) return { fields };
  return { fields, livePages: allocated.reduce((sum, name) => sum + (fields[name] ?? 0), 0) - fields.pgfree };
}
