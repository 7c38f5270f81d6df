// Network devices that stopped, and the assertions of drivers and file systems outside the kernel tree.
import type { SymptomRule } from "../symptom-rule.js";

export const devices: readonly SymptomRule[] = [
  {
    kind: "netdev-watchdog",
    class: "device",
    start: /NETDEV WATCHDOG: .{1,60}: transmit queue \d+ timed out/,
    title: "NETDEV WATCHDOG: {driver} transmit queue timed out",
    herald: true,
  },
  {
    kind: "module-assertion",
    class: "module-assertion",
    start:
      /(?:LustreError|Lustre): .*(?:LBUG|ASSERTION)|\(\)\) (?:LBUG\b|ASSERTION ?\()|^ASSERTION ?\(|\b(?:VERIFY\d?|ASSERT\d?|VERIFY0)\(.{1,200}failed|PANIC at [\w./-]+:\d+:\w+\(\)|\) SPL PANIC|\bASSERT(?:ION)? (?:.{1,160} )?FAILED\b|ASSERT\(.{1,160}\) (?:failed|in )|Assertion fail(?:ed: |ure in )|^assertion failed: /,
    title: "assertion failed in {f}",
    skip: /^spl_|^lbug|libcfs|^assfail|^btrfs_assertfail/,
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
    start:
      /Detected (?:Tx|Hardware) Unit Hang|tx_timeout: VSI_\w+|\btx hang \d+ detected|TX driver issue detected|\bTX timeout (?:detected|on queue)|transmit timed out, resetting|initiating reset due to tx timeout|a Tx that wasn't completed on time|: Tx timeout$/i,
    title: "{driver} transmit unit hang",
  },
  {
    kind: "hardware-error",
    single: true,
    class: "hardware",
    start:
      /\[Hardware Error\]: (?:Machine check|CPU \d+: Machine Check|event severity: fatal|Uncorrected error)|Machine Check Exception|severity=Uncorrect(?:ed|able) \(Fatal\)/i,
    title: "hardware error",
  },
];
