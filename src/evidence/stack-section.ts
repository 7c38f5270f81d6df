// An event prints several stacks: its calls, who allocated, who freed, what lockdep knows. Headings and tags tell which.
import type { StackContext, StackFrame } from "./stack-frame.js";

/** Where the next frame belongs. */
export interface StackState {
  context: StackContext;
  stack: string;
  trace: number;
  readonly event: { readonly frames: readonly StackFrame[] };
}

const contextTags = /<(\/?)(IRQ|TASK|NMI|EOI|SOFTIRQ|#DF|#DB|ENTRY_TRAMPOLINE|UNK)>\s?/g;

/** Takes the tags of a context change off a line. */
export function takeContext(opened: StackState, text: string): string {
  return text.replace(contextTags, (_tag, closing: string, name: string) => {
    const context = name === "NMI" ? "nmi" : name === "IRQ" ? "irq" : name === "SOFTIRQ" ? "softirq" : "task";
    opened.context = closing === "/" || name === "EOI" ? "task" : context;
    return "";
  });
}

/** `hardirqs last enabled at`, locks held and lockdep's `at:` name functions that are no callers. */
export function isAside(text: string): boolean {
  return /(?:hard|soft)irqs last|\bat: |^ *#\d+: |^Code: |^ *(?:ra|lr) *: |^LR is at|^LR \[/i.test(text);
}

const sections: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:Allocated by|Allocated in|allocated by task|.*Uninit was created at|.*Uninit was stored to memory at)/i,
    "allocated",
  ],
  [/^(?:Freed by|Freed in|freed by task)/i, "freed"],
  [/^page last allocated/, "allocated"],
  [/^page last free/, "freed"],
  [/^Last potentially related|^The buggy address|^Memory state around|^Second to last/, "other"],
  [/^Showing all locks held|^INFO: lockdep is turned off/, "other"],
  [/which became .*-safe at:/, "lock became"],
  [
    /^-> #\d+ |^the existing dependency chain|^the .*irq-unsafe lock|which became .*-unsafe at:|irq event stamp|^\{.*-(?:W|R)\} state was registered at/,
    "lock chain",
  ],
  [/^Preemption disabled at:|^Last Breaking-Event-Address/, "other"],
  [/^stack backtrace:|^Call [Tt]race:|^Backtrace:|^Kernel panic/, "main"],
];
const newTrace =
  /Call [Tt]race:|[Bb]acktrace(?: \(crc [0-9a-f]*\))?:|NMI backtrace for|^Exception stack|^page last (?:allocated|free)/;

/** Moves to the stack that a heading begins. */
export function noteSection(opened: StackState, text: string): void {
  if (newTrace.test(text)) opened.trace += 1;
  for (const [pattern, section] of sections) {
    if (!pattern.test(text)) continue;
    if (section === "main" && opened.event.frames.some((frame) => frame.stack === "main")) return;
    opened.stack = section;
    if (section !== "main") opened.trace += 1;
    return;
  }
}
