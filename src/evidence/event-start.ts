// Whether a line starts an event, or only goes on with the one that is being printed.
import type { LogLine } from "./log-line.js";
import { openEvent, type OpenEvent } from "./open-event.js";
import { mayStartEvent, symptomRules } from "./symptom-rules.js";
import type { SymptomRule } from "./symptom-rule.js";

const longestHeadline = 2000;
const heraldLines = 12;
const followUpPanic =
  /not syncing: (?:Fatal|panic_on_warn|hung_task|softlockup|hard|Hard LOCKUP|RCU Stall|kasan|KASAN|UBSAN|Oops|kernel: panic_on)/;
const followUps =
  /^(?:Internal error: |(?:Oops: )?invalid opcode: |BUG: unable to handle|KASAN: |Oops)|kernel BUG at |WARNING: CPU|WARNING: .* at |BUG: KASAN: null-ptr-deref/;

/** The panic that an event before it led to. */
export function endsInPanic(text: string): boolean {
  return followUpPanic.test(text);
}

/** A new event, unless the line is the next part of the open one (`kernel BUG at` after `usercopy:`). */
export function startEvent(
  line: LogLine,
  number: number,
  current: OpenEvent | undefined,
): OpenEvent | undefined {
  const text = line.text.trimStart();
  if (text.length > longestHeadline || !mayStartEvent.test(text)) return undefined;
  const rule = symptomRules.find((candidate) => candidate.start.test(text));
  if (rule === undefined) return undefined;
  if (current !== undefined && endsInPanic(text)) {
    current.event.panicked = true;
    return undefined;
  }
  if (current === undefined || !belongsTo(current, rule, text)) return openEvent(rule, line, number);
  if (rule.kind === "panic") current.event.panicked = true;
  if (rule.kind === "netdev-watchdog" && current.rule.kind === "warning") reclassify(current, rule);
  return undefined;
}

/** Newer kernels print the WARNING line first and then what it is about. */
function reclassify(current: OpenEvent, rule: SymptomRule): void {
  current.rule = rule;
  current.event.kind = rule.kind;
  current.event.class = rule.class;
}

function belongsTo(current: OpenEvent, rule: SymptomRule, text: string): boolean {
  const bare = !current.event.frames.some((frame) => frame.stack === "main");
  if (rule.kind === "panic") return bare ? current.age <= 20 : endsInPanic(text);
  if (rule.kind === "memory-leak") return current.rule.kind === "memory-leak" && bare && current.age <= 2;
  if (!bare) return false;
  if (rule.kind === "netdev-watchdog" && current.rule.kind === "warning") return current.age <= 3;
  if (current.rule.herald === true && current.age <= heraldLines)
    return followUps.test(text) || rule.herald === true;
  if (current.rule.kind === "refcount" && rule.kind === "refcount") return current.age <= heraldLines;
  return (
    current.age <= 40 && followUps.test(text) && !/^WARNING/.test(text) && current.rule.kind !== "warning"
  );
}
