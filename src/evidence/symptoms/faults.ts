// What the processor refused: bad addresses, bad instructions, bad divisors.
import type { SymptomRule } from "../symptom-rule.js";

export const faults: readonly SymptomRule[] = [
  {
    kind: "null-pointer-dereference",
    class: "null-pointer-dereference",
    start: /(?:BUG: |^|^CPU \d+ )(?:[Uu]nable to handle )?[Kk]ernel NULL pointer(?: dereference|\s*$)/,
    title: "BUG: unable to handle kernel NULL pointer dereference in {f}",
  },
  {
    kind: "page-fault",
    class: "memory_safety_bug",
    start:
      /(?:BUG: |^|: |^CPU \d+ )[Uu]nable to handle (?:kernel paging request|kernel pointer dereference|page fault for address|kernel data access|kernel execution of user memory|kernel write to read-only memory)/,
    title: "BUG: unable to handle kernel paging request in {f}",
  },
  {
    kind: "page-fault",
    class: "memory_safety_bug",
    start: /[Uu]nable to handle kernel access to user memory/,
    title: "BUG: unable to handle kernel access to user memory in {f}",
  },
  {
    kind: "page-fault",
    class: "memory_safety_bug",
    start: /BUG: [Uu]nable to handle kernel/,
    title: "BUG: unable to handle kernel",
  },
  {
    kind: "stack-overflow",
    class: "memory_safety_bug",
    start: /stack guard page was hit|^Kernel stack overflow in process/,
    title: "BUG: stack guard page was hit in {f}",
    blame: "dispatched",
  },
  {
    kind: "general-protection-fault",
    class: "dos",
    start: /^(?:Oops: )?general protection fault(?! ip:)|general protection fault: 0000 \[#/,
    title: "general protection fault in {f}",
  },
  { kind: "stack-segment", class: "dos", start: /^stack segment: /, title: "stack segment fault in {f}" },
  {
    kind: "double-fault",
    class: "dos",
    start: /PANIC: double fault|^(?:Oops: )?double fault: /,
    title: "PANIC: double fault in {f}",
  },
  {
    kind: "divide-error",
    class: "dos",
    start: /^(?:Oops: )?divide[ _]error: /,
    title: "divide error in {f}",
  },
  {
    kind: "invalid-opcode",
    class: "dos",
    start: /^(?:Oops: )?invalid opcode: /,
    title: "invalid opcode in {f}",
  },
  { kind: "int3", class: "dos", start: /^(?:Oops: )?int3: /, title: "int3 in {f}" },
  {
    kind: "oops",
    class: "dos",
    start: /^Oops(?:: .{1,80} |: )?\s?\[#\d+\]|^Oops: [0-9a-f]{4} /,
    title: "Oops in {f}",
  },
  { kind: "internal-error", class: "dos", start: /^Internal error: /, title: "Internal error in {f}" },
  { kind: "unhandled-fault", class: "dos", start: /^Unhandled fault: /, title: "Unhandled fault in {f}" },
  { kind: "alignment-trap", class: "dos", start: /^Alignment trap: /, title: "Alignment trap in {f}" },
];
