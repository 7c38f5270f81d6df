// Panics that come without another report before them.
import type { SymptomRule } from "../symptom-rule.js";

export const panics: readonly SymptomRule[] = [
  {
    kind: "stack-protector",
    class: "dos",
    start: /Kernel panic - not syncing: stack-protector:/,
    title: "kernel panic: stack is corrupted in {f}",
    skip: /stack_chk/,
    blame: "line",
  },
  {
    kind: "stack-end",
    class: "dos",
    start: /Kernel panic - not syncing: corrupted stack end/,
    title: "kernel panic: corrupted stack end in {f}",
    skip: /schedule|retint_kernel/,
    blame: "dispatched",
  },
  {
    kind: "stack-overflow",
    class: "dos",
    start: /Kernel panic - not syncing: kernel stack overflow/,
    title: "kernel stack overflow in {f}",
    skip: /bad_stack/,
    blame: "dispatched",
  },
  {
    kind: "panic",
    class: "dos",
    start: /Kernel panic - not syncing: (.{1,120}?)(?: \.\.\.)?\s*$/,
    title: "kernel panic: {1}",
  },
];
