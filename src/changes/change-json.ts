import type { ChangeSet } from "./change-set.js";

/** The documented, stable form; the code itself is left out. */
export function renderJson(changes: ChangeSet): string {
  const { units, ...rest } = changes;
  return `${JSON.stringify({ ...rest, units: units.map((unit) => ({ ...unit, oldText: undefined, newText: undefined })) }, undefined, 2)}\n`;
}
