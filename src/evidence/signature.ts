import type { KernelEvent } from "./kernel-event.js";

/**
 * What stays the same when the same bug shows again: the kind, the blamed function, and the first functions of loadable
 * modules. Addresses, offsets, processes, CPUs and inlining differ between runs and builds, so none of them is in it.
 */
export function signatureOf(event: KernelEvent): string {
  const inModules = event.frames
    .filter((frame) => frame.module !== undefined && frame.reliable && !frame.inline)
    .map((frame) => `${frame.module ?? ""}:${frame.function}`);
  return [event.kind, event.blamed ?? "?", ...[...new Set(inModules)].slice(0, 2)].join(" | ");
}
