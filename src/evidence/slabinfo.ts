/** One cache of /proc/slabinfo (version 2.1). */
export interface SlabCache {
  name: string;
  activeObjects: number;
  objects: number;
  objectBytes: number;
  /** What the cache's slabs take of the machine's memory. */
  slabBytes: number;
}

const row =
  /^(\S+)[ \t]+(\d+)[ \t]+(\d+)[ \t]+(\d+)[ \t]+(\d+)[ \t]+(\d+)[ \t]*:[ \t]*tunables[ \t].*?:[ \t]*slabdata[ \t]+(\d+)[ \t]+(\d+)[ \t]+(\d+)/gm;
const pageBytes = 4096;

/** Reads /proc/slabinfo, largest cache first; undefined when it holds no row. */
export function readSlabinfo(text: string): SlabCache[] | undefined {
  const caches = [...text.matchAll(row)].map((m) => ({
    name: m[1] ?? "",
    activeObjects: Number(m[2]),
    objects: Number(m[3]),
    objectBytes: Number(m[4]),
    slabBytes: Number(m[8]) * Number(m[6]) * pageBytes,
  }));
  return caches.length === 0 ? undefined : caches.sort((a, b) => b.slabBytes - a.slabBytes);
}
