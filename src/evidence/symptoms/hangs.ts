// Soft and hard lockups, RCU stalls, hung tasks: nothing moved on.
import type { SymptomRule } from "../symptom-rule.js";

export const hangs: readonly SymptomRule[] = [
  {
    kind: "soft-lockup",
    class: "hang",
    start: /(?:BUG: soft lockup|softlockup detected)/,
    title: "BUG: soft lockup in {f}",
    blame: "dispatched",
  },
  {
    kind: "hard-lockup",
    class: "hang",
    start: /Watchdog detected (?:hard )?LOCKUP|self-detected hard LOCKUP|hard lockup on cpu/i,
    title: "BUG: hard lockup in {f}",
    blame: "dispatched",
  },
  { kind: "workqueue-lockup", class: "hang", start: /BUG: workqueue lockup/, title: "BUG: workqueue lockup" },
  {
    kind: "rcu-stall",
    class: "hang",
    start:
      /INFO: rcu_(?:preempt|sched|bh|tasks)\S* (?:self-)?detected(?: expedited)? stall|rcu_tasks_wait_gp/,
    title: "INFO: rcu detected stall in {f}",
    skip: /apic_timer_interrupt|rcu/,
    blame: "interrupted",
  },
  {
    kind: "hung-task",
    class: "hang",
    start:
      /(?:INFO: task .{1,60}|:\d+) blocked (?:in I\/O wait |on a \w+ )?for more than(?: \d+ seconds|\s*$)/,
    title: "INFO: task hung in {f}",
    blame: "waiter",
  },
  {
    kind: "hung-task",
    class: "hang",
    start: /\bservice thread pid \d+ was inactive for/,
    title: "INFO: task hung in {f}",
    blame: "waiter",
  },
  {
    kind: "hung-task",
    class: "hang",
    start: /INFO: task .{1,60} can't die for more than/,
    title: "INFO: task can't die in {f}",
    skip: /schedule/,
  },
];
