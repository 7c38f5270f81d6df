import type { KernelEvent } from "./kernel-event.js";
import type { StackFrame } from "./stack-frame.js";

/**
 * What stays the same when the same bug shows again: the kind, the blamed function (or, without one, the title without
 * its numbers), and the first functions of loadable modules on the way there. Addresses, offsets, processes, CPUs, times
 * and the compiler's suffixes differ between runs and builds, so none of them is in it.
 */
export function signatureOf(event: KernelEvent): string {
  const calls = event.frames.filter(isCall);
  const inModules = (calls.length > 0 ? calls : event.frames)
    .filter((frame) => frame.module !== undefined && frame.reliable && !frame.inline)
    .map((frame) => `${frame.module ?? ""}:${frame.function}`);
  const about = event.blamed ?? withoutNumbers(event.title);
  return [event.kind, about, ...[...new Set(inModules)].slice(0, 2)].join(" | ");
}

function isCall(frame: StackFrame): boolean {
  return frame.stack === "main" || frame.stack === "ip";
}

function withoutNumbers(title: string): string {
  return title.replace(/0x[0-9a-f]+|\b[0-9a-f]{8,}\b|\d+/gi, "N");
}
