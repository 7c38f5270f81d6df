// A log without its `RIP:` line (cut, quoted, or printed by a kernel that only dumps the stack) still says where the
// processor was: the unwinder prints it right behind the exception's entry, with `? ` as everything that it did not
// have to unwind (arch/x86/kernel/dumpstack.c, show_trace_log_lvl).
import type { KernelEvent } from "./kernel-event.js";
import type { ParsedFrame, StackFrame } from "./stack-frame.js";

const exceptionEntry =
  /^(?:asm_)?exc_\w+$|^(?:async_)?page_fault$|^general_protection$|^invalid_op$|^divide_error$|^stack_segment$|^error_(?:entry|code)$/;

/** Gives the event the instruction pointer that its backtrace implies, if it does. */
export function inferPointer(event: KernelEvent): void {
  const entry = event.frames.findLastIndex(
    (frame) => frame.stack === "main" && frame.trace <= 1 && exceptionEntry.test(frame.function),
  );
  const before = event.frames[entry];
  const next = event.frames[entry + 1];
  if (before === undefined || next?.stack !== "main" || next.trace !== before.trace) return;
  const pointer: ParsedFrame & Partial<StackFrame> = { ...next, reliable: true };
  delete pointer.context;
  delete pointer.stack;
  delete pointer.trace;
  event.ip = pointer;
  event.frameIndexOfIp = entry + 1;
  event.frames = event.frames.with(entry + 1, { ...next, reliable: true, stack: "ip" });
}
