// Lockdep, sleeping in atomic context, preemption: rules of locking that were broken.
import type { SymptomRule } from "../symptom-rule.js";

const lockSkip = /^lock_sock|release_sock/;

export const locking: readonly SymptomRule[] = [
  {
    kind: "spinlock",
    class: "lockdep",
    start:
      /BUG: (spinlock|rwlock) (lockup suspected|already unlocked|recursion|bad magic|wrong owner|wrong CPU|cpu recursion)/,
    title: "BUG: {1} {2} in {f}",
    skip: /spin_|_lock|_unlock/,
  },
  {
    kind: "locks-held",
    class: "lockdep",
    start: /(BUG|WARNING): .*still has locks held!/,
    title: "{1}: still has locks held in {f}",
    blame: "locks",
  },
  {
    kind: "locks-held",
    class: "lockdep",
    start: /(BUG|WARNING): lock held when returning to user space/,
    title: "{1}: lock held when returning to user space in {f}",
    blame: "locks",
  },
  {
    kind: "held-lock-freed",
    class: "lockdep",
    start: /(BUG|WARNING): held lock freed!/,
    title: "{1}: held lock freed in {f}",
    blame: "locks",
  },
  {
    kind: "unlock-balance",
    class: "lockdep",
    start: /(BUG|WARNING): bad unlock balance detected!/,
    title: "{1}: bad unlock balance in {f}",
    skip: /^(?:rcu_|print_)/,
  },
  {
    kind: "atomic-schedule",
    class: "atomic_sleep",
    start: /BUG: scheduling while atomic/,
    title: "BUG: scheduling while atomic in {f}",
    skip: /schedule/,
  },
  {
    kind: "atomic-sleep",
    class: "atomic_sleep",
    start: /BUG: sleeping function called from invalid(?: context|\s*$)/,
    title: "BUG: sleeping function called from invalid context in {f}",
    skip: /might_sleep|might_resched/,
  },
  {
    kind: "preemptible",
    class: "lockdep",
    start: /BUG: using ([a-z_]+)\(\) in preemptible/,
    title: "BUG: using {1}() in preemptible code in {f}",
    skip: /dump_stack|preempt|debug_|processor_id|this_cpu/,
  },
  {
    kind: "workqueue-leak",
    class: "lockdep",
    start: /BUG: workqueue leaked (?:lock|atomic)/,
    title: "BUG: workqueue leaked lock or atomic in {f}",
    blame: "locks",
  },
  {
    kind: "wait-context",
    class: "lockdep",
    start: /\[ BUG: Invalid wait context \]/i,
    title: "WARNING: locking bug in {f}",
    skip: lockSkip,
  },
  {
    kind: "lock-order",
    class: "lockdep",
    start: /-safe -> .*-unsafe lock order detected/,
    title: "possible deadlock in {f}",
    blame: "chain",
  },
  {
    kind: "circular-lock",
    class: "lockdep",
    start:
      /possible circular locking dependency detected|possible irq lock inversion dependency|possible recursive locking detected|possible circular.*deadlock/,
    title: "possible deadlock in {f}",
    blame: "locks",
    skip: /process_one_work/,
  },
  {
    kind: "lock-state",
    class: "lockdep",
    start: /(?:WARNING|INFO): inconsistent lock state/,
    title: "inconsistent lock state in {f}",
    blame: "locks",
  },
  {
    kind: "rcu-usage",
    class: "lockdep",
    start: /(WARNING|INFO): suspicious RCU usage/,
    title: "{1}: suspicious RCU usage in {f}",
    skip: /rcu|kmem|slab/,
  },
  {
    kind: "nested-lock",
    class: "lockdep",
    start: /WARNING: Nested lock was not taken/i,
    title: "WARNING: nested lock was not taken in {f}",
    blame: "locks",
  },
  {
    kind: "lock-key",
    class: "lockdep",
    start: /INFO: trying to register non-static key/,
    title: "INFO: trying to register non-static key in {f}",
    skip: /stack|lock|IRQ/,
  },
];
