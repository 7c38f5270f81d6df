import type { Evidence } from "../evidence/read-evidence.js";
import type { SymptomClass } from "../evidence/symptom-rules.js";

const lifetime = {
  words: /ref|get_|put_|free|alloc|count|bias|kref|list_(?:add|del)|cancel|rcu/i,
  about: "lifetime (references, allocation, freeing)",
};
const locking = { words: /lock|irq|wait|complet|mutex|sched|sleep/i, about: "locking and waiting" };
const bounds = { words: /len|size|count|copy|index|offset|max/i, about: "sizes and bounds" };

const byClass: readonly (readonly [RegExp, typeof lifetime])[] = [
  [/^(?:hang|lockdep|atomic_sleep|device)$/, locking],
  [
    /use-after-free|invalid-free|leak|refcount|memory_safety_bug|memory-pressure|null-pointer|^dos$/,
    lifetime,
  ],
  [/kasan|kfence|ubsan|^bug$/, bounds],
];

/** The words that the first symptom's class has to do with; memleak prints are about lifetime. */
export function lexiconOf(evidence: readonly Evidence[]): typeof lifetime | undefined {
  if (evidence.some((one) => one.memleak !== undefined)) return lifetime;
  const classes = evidence.flatMap((one) => (one.events ?? []).map((event): SymptomClass => event.class));
  const first = classes.find((name) => name !== "unknown" && name !== "warning");
  return first === undefined ? undefined : byClass.find(([pattern]) => pattern.test(first))?.[1];
}
