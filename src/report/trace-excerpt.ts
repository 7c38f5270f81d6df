// The part of a kernel log that a reader needs: the event's headline and its call trace, its lines as they are.
import type { KernelEvent } from "../evidence/kernel-event.js";
import type { Report } from "./report-shape.js";

type Trace = Report["traces"][number];

const mostLines = 60;
const mostLinesBefore = 15;

/** Registers, code bytes, page dumps and module lists: they say nothing to who does not have the machine. */
const dump =
  /\b(?:R[A-D]X|R[SD]I|R[SB]P|RSP|R\d\d|CR\d|DR\d|FS|GS|EFLAGS|PKRU): ?[0-9a-f:]{4,}|\bCode: |\braw: [0-9a-f]{8}|\bCS: .*\bDS: |\bx\d\d?\s*: [0-9a-f]{16}/;
const modules =
  /\bModules linked in:|^\W*(?:\[[^\]]*\]\s*)?(?:kernel: )?\s*(?:\w+(?:\([A-Z]+\))? ){6,}\w+(?:\([A-Z]+\))?\s*$/;

/** All events of a log by title, and the excerpt of the one to look at; undefined when the log holds no event. */
export function readTrace(
  source: string,
  text: string,
  events: readonly KernelEvent[],
  module: string | undefined,
): Trace | undefined {
  const shown =
    events.find(({ modulesInStack }) => module !== undefined && modulesInStack.includes(module)) ??
    events.find(saysWhat) ??
    events[0];
  if (shown === undefined) return undefined;
  const next = events.find(({ line }) => line > shown.line);
  const lines = text.split("\n").map((line) => line.replace(/\r$/, ""));
  const all = lines.slice(shown.line - 1, next === undefined ? undefined : next.line - 1);
  const kept = all.filter((line) => line.trim() !== "" && !dump.test(line) && !modules.test(line));
  const excerpt = kept.slice(0, mostLines);
  return {
    source,
    events: events.map(({ title, class: kind, signature, line, kernel, taint, panicked }) => ({
      title,
      class: kind,
      signature,
      line,
      ...(kernel === undefined ? {} : { kernel }),
      ...(taint === undefined ? {} : { taint }),
      panicked,
    })),
    excerpt,
    omitted: all.filter((line) => line.trim() !== "").length - excerpt.length,
    before: lines
      .slice(0, shown.line - 1)
      .filter((line) => line.trim() !== "")
      .slice(-mostLinesBefore),
  };
}

/** The event that the excerpt is of, for a headline. */
export function mainEvent({ events }: Trace, module: string | undefined): Trace["events"][number] {
  const ofModule = events.find(({ signature }) => module !== undefined && signature.includes(`${module}:`));
  return ofModule ?? events.find(saysWhat) ?? events[0]!;
}

/** False for a backtrace whose headline was cut off. */
function saysWhat({ class: what }: { class: string }): boolean {
  return what !== "unknown";
}
