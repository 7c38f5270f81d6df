// Network devices that stopped, and the assertions of drivers and file systems outside the kernel tree.
import type { SymptomRule } from "../symptom-rule.js";

export const devices: readonly SymptomRule[] = [
  {
    kind: "netdev-watchdog",
    class: "device",
    start: /NETDEV WATCHDOG: (.{1,60}): transmit queue \d+ timed out/,
    title: "NETDEV WATCHDOG: {1} transmit queue timed out",
    herald: true,
  },
  {
    kind: "module-assertion",
    class: "module-assertion",
    start:
      /(?:LustreError|Lustre): .*(?:LBUG|ASSERTION)|\b(?:VERIFY\d?|ASSERT\d?|VERIFY0)\(.{1,200}failed|PANIC at [\w./-]+:\d+:(\w+)\(\)|\bASSERT(?:ION)? (?:.{1,160} )?FAILED\b|ASSERT\(.{1,160}\) failed/,
    title: "assertion failed in {f}",
    skip: /^spl_|^lbug|libcfs/,
    blame: "line",
    herald: true,
  },
  {
    kind: "netdev-reference",
    single: true,
    class: "dos",
    start: /unregister_netdevice: waiting for \S+ to become free/,
    title: "unregister_netdevice: waiting for DEV to become free",
  },
  {
    kind: "tx-hang",
    single: true,
    class: "device",
    start: /Detected Tx Unit Hang|tx_timeout: VSI_seid|\btx hang \d+ detected/i,
    title: "transmit unit hang",
  },
];
