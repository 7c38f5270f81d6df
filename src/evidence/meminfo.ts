/** /proc/meminfo in bytes, by its own names, and what no line of it accounts for. */
export interface Meminfo {
  fields: Record<string, number>;
  /**
   * Bytes that are neither free nor in any counter: pages that drivers took from the page allocator are here, not in
   * Slab. The best single series for a receive-page leak. Undefined when a field that it needs is missing.
   */
  unaccountedBytes?: number;
}

const counted = [
  "MemFree",
  "Buffers",
  "Cached",
  "SwapCached",
  "AnonPages",
  "Slab",
  "KernelStack",
  "PageTables",
] as const;
const countedWhereKnown = ["Percpu", "VmallocUsed", "Hugetlb", "SecPageTables"] as const;

/** Reads /proc/meminfo; undefined without MemTotal. */
export function readMeminfo(text: string): Meminfo | undefined {
  const fields: Record<string, number> = {};
  for (const [, name, value, unit] of text.matchAll(/^([\w()]+):[ \t]+(\d+)( kB)?[ \t\r]*$/gm))
    fields[name ?? ""] = Number(value) * (unit === undefined ? 1 : 1024);
  const total = fields.MemTotal;
  if (total === undefined) return undefined;
  const known = counted.map((name) => fields[name]);
  if (known.some((value) => value === undefined)) return { fields };
  const sum = [...known, ...countedWhereKnown.map((name) => fields[name])].reduce<number>(
    (a, b) => a + (b ?? 0),
    0,
  );
  return { fields, unaccountedBytes: total - sum };
}
