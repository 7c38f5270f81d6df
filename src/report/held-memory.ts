import { judgeMemleak } from "../evidence/judge-memleak.js";
import { ringBuffers } from "../evidence/rings.js";
import type { SeenText } from "./assemble-report.js";
import type { Report } from "./report-shape.js";

/** What memleak's prints prove; rings that another of the texts tells are taken off. */
export function heldMemory(seen: readonly SeenText[]): Report["memory"] {
  const rings = ringBuffers(seen.flatMap(({ evidence }) => evidence.rings ?? []));
  return seen.flatMap(({ source, evidence }) =>
    judgeMemleak(evidence.memleak ?? [], rings === undefined ? {} : { ringBuffers: rings }).map((held) => ({
      source,
      ...held,
    })),
  );
}
