// What the symptoms are about, told by the kernel's class and by the functions in which it stopped.
import type { KernelEvent } from "../evidence/kernel-event.js";
import { namedLocks } from "./named-locks.js";
import type { Trace } from "./sights.js";
import {
  byCaller,
  byClass,
  byHandler,
  byKind,
  byPlace,
  lifetime,
  pagePlace,
  pages,
  type Subject,
} from "./subjects.js";

/** The subject of the first symptom that has one; prints of memory that is held are about lifetime. */
export function subjectOf(traces: readonly Trace[]): Subject | undefined {
  const stacks = traces.flatMap(({ evidence: { memleak = [], held = [] } }) => [
    ...memleak.flatMap((print) => print.stacks),
    ...held,
  ]);
  if (stacks.length > 0)
    return stacks.some(({ frames }) => frames.slice(0, 2).some((frame) => pagePlace.test(frame.function)))
      ? pages
      : lifetime;
  if (traces.some(({ evidence }) => evidence.events?.some(({ kind }) => kind === "bad-page"))) return pages;
  for (const { text, evidence } of traces)
    for (const event of evidence.events ?? []) {
      const found = specialSubject(event, text) ?? subjectOfEvent(event);
      if (found !== undefined) return found;
    }
  return undefined;
}

function subjectOfEvent(event: KernelEvent): Subject | undefined {
  if (/use-after-free|^leak$|lockdep|atomic_sleep/.test(event.class)) return classSubject(event);
  const stops = [event.ip, ...event.frames.filter((frame) => frame.reliable).slice(0, 4)];
  if (stops.every((stop) => stop?.module === undefined)) {
    const called = byCaller.find(([caller]) =>
      stops.some((stop) => stop !== undefined && caller.test(stop.function)),
    );
    if (called !== undefined) return called[1];
  }
  for (const stop of stops) {
    if (stop?.module !== undefined) break;
    const found = byPlace.find(([place]) => stop !== undefined && place.test(stop.function));
    if (found !== undefined) return found[1];
  }
  return classSubject(event);
}

function classSubject(event: KernelEvent): Subject | undefined {
  return byClass.find(([pattern]) => pattern.test(event.class))?.[1];
}

/** What only few statements can set off; the handler may stand there where the headline is lost. */
function specialSubject(
  { kind, class: symptom, ip, frames }: KernelEvent,
  text: string,
): Subject | undefined {
  const names = [ip, ...frames.filter((frame) => frame.reliable).slice(0, 8)].flatMap(
    (at) => at?.function ?? [],
  );
  const handled = byHandler.find(([handler]) => names.some((name) => handler.test(name)))?.[1];
  return byKind.get(kind) ?? handled ?? (symptom === "lockdep" ? namedLocks(text) : undefined);
}
