// A reset of the interface starts a bug that counts packets from the beginning: it is seen on the carrier, on counters
// that fall or that count resets, and in the kernel log.
import type { HostSample } from "./host-sample.js";

const resetCounter = /reset|tx_timeout|tx_hang|(?:^|[_.])(?:pfr|corer|globr|empr)(?:$|[_.])/i;
const resetLine =
  /Reset adapter|[Rr]esetting|\bPF reset|Detected Tx Unit Hang|transmit queue \d+ timed out|Link is (?:Up|Down|up|down)|link is not ready/;

/** What says that an interface was reset between two readings, in words; [] when nothing does. */
export function resetsBetween(before: HostSample, after: HostSample): string[] {
  return Object.entries(before.nics).flatMap(([name, old]) => {
    const now = after.nics[name];
    if (now === undefined) return [`${name} is gone`];
    const found: string[] = [];
    const changes = (now.link.carrier_changes ?? 0) - (old.link.carrier_changes ?? 0);
    if (changes > 0) found.push(`${name}: the carrier changed ${changes} times`);
    if (old.link.mtu !== now.link.mtu) found.push(`${name}: the MTU changed`);
    if ((now.link.rx_packets ?? 0) < (old.link.rx_packets ?? 0))
      found.push(`${name}: rx_packets fell, so the driver began anew`);
    for (const [counter, value] of Object.entries(old.counters))
      if (resetCounter.test(counter) && (now.counters[counter] ?? 0) > value)
        found.push(`${name}: ${counter} rose to ${now.counters[counter]}`);
    return found;
  });
}

/** The lines of a kernel log that tell of a reset. */
export function resetLines(log: string): string[] {
  return log.split("\n").filter((line) => resetLine.test(line));
}
