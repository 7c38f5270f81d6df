// The first event of a log that grows. A log is read again only when new text may hold an event, and only its end.
import { readKernelLog } from "../evidence/kernel-log.js";
import type { KernelEvent } from "../evidence/kernel-event.js";
import { mayStartEvent } from "../evidence/symptom-rules.js";

const notedClasses: readonly string[] = ["device", "memory-pressure"];
const notedKinds: readonly string[] = ["warning", "netdev-watchdog", "tx-hang"];
const readAgain = 512 * 1024;

/**
 * False for what a machine under stress prints without being broken: a device's note, a plain WARNING, little memory; and for
 * a backtrace that lost its headline, as where a dump in pstore begins: it does not say what happened.
 */
export function speaksOfBrokenKernel(event: KernelEvent): boolean {
  return (
    event.kind !== "backtrace" &&
    !notedClasses.includes(event.class) &&
    !(event.class === "warning" && notedKinds.includes(event.kind))
  );
}

export class EventFinder {
  private recent = "";
  private hot = false;

  add(text: string): void {
    this.recent = (this.recent + text).slice(-readAgain);
    this.hot ||= mayStartEvent.test(text);
  }

  /** The first event that speaks of a broken kernel, as far as its text has come. */
  find(): KernelEvent | undefined {
    if (!this.hot) return undefined;
    const event = readKernelLog(this.recent).find(speaksOfBrokenKernel);
    this.hot = event !== undefined;
    return event;
  }
}
