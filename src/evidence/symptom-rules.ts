// What the kernel says when something is wrong, one rule per wording. The first rule that matches names the event.
import { bugs } from "./symptoms/bugs.js";
import { devices } from "./symptoms/devices.js";
import { faults } from "./symptoms/faults.js";
import { hangs } from "./symptoms/hangs.js";
import { locking } from "./symptoms/locking.js";
import { memory } from "./symptoms/memory.js";
import { panics } from "./symptoms/panics.js";
import { sanitizers } from "./symptoms/sanitizers.js";
import type { SymptomRule } from "./symptom-rule.js";

/** In order: the narrower wording before the wider. */
export const symptomRules: readonly SymptomRule[] = [
  ...sanitizers,
  ...faults,
  ...locking,
  ...hangs,
  ...memory,
  ...bugs,
  ...devices,
  ...panics,
];

/** A quick test that most lines fail, so that the rules are tried on few. */
export const mayStartEvent =
  /BUG|WARNING: |INFO: |panic|PANIC|[Uu]nable to handle|general protection|KASAN|UBSAN|stack segment|divide|invalid opcode|int3: |corruption|usercopy|refcount_t|NETDEV WATCHDOG|locking dependency|lock inversion|lock order|LOCKUP|lockup|blocked for more than|was inactive for|unregister_netdevice|VFS: |Internal error|Unhandled fault|Alignment trap|Unit Hang|tx_timeout|[Tt]x hang|TX driver issue|[Tt][Xx] timeout|a Tx that|transmit timed out|Hardware Error|Machine Check|Uncorrect|Assertion fail|assertion failed|^Oops|allocation |oom-killer|ASSERT|VERIFY|unreferenced object|suspected memory leaks|slab error|Wrong slab|stack overflow in|double fault|guard page|^list_/;
