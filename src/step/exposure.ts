// The work that a stress has done, in packets: many bugs count packets, not minutes.
import { meaningOfCounter, readEthtoolStats } from "../evidence/ethtool-stats.js";
import { quote } from "../target/remote-command.js";
import type { Target } from "../target/target.js";
import { durationMs } from "./duration.js";
import type { StressSettings } from "./stress-settings.js";

export interface Exposure {
  seconds: number;
  /** Received by the target's interfaces under test. */
  packets: number;
  /** "eth0 rx-3.packets", where the driver counts by queue. */
  perQueue: Record<string, number>;
  /** What was wanted, in words. */
  planned: string;
  reached: boolean;
  receivedBytes: number;
}

/** Counters of one moment. */
export interface Received {
  packets: number;
  bytes: number;
  perQueue: Record<string, number>;
}

/** Reads the interfaces' counters; undefined when the target does not answer. */
export async function readReceived(target: Target, names: readonly string[]): Promise<Received | undefined> {
  const script = names.map((name) => {
    const nic = quote(name);
    return `echo "nic ${name} $(cat /sys/class/net/${nic}/statistics/rx_packets) $(cat /sys/class/net/${nic}/statistics/rx_bytes)"; ethtool -S ${nic} 2>/dev/null`;
  });
  const { end, stdout } = await target.run(`PATH="$PATH:/usr/sbin:/sbin"\n${script.join("\n")}\ntrue`, {
    timeoutMs: 20_000,
  });
  if (end.kind !== "exited") return undefined;
  return parseReceived(stdout.toString());
}

export function parseReceived(text: string): Received {
  const all: Received = { packets: 0, bytes: 0, perQueue: {} };
  for (const part of text.split(/^nic /m).slice(1)) {
    const [, name = "", packets, bytes] = /^(\S+) (\d+) (\d+)$/m.exec(part) ?? [];
    all.packets += Number(packets ?? 0);
    all.bytes += Number(bytes ?? 0);
    for (const [counter, value] of Object.entries(readEthtoolStats(part) ?? {}))
      if (meaningOfCounter(counter) === "queue-packets") all.perQueue[`${name} ${counter}`] = value;
  }
  return all;
}

/** Counters never count down: a smaller one began anew, and what it says came since. */
export function exposureOf(
  settings: Pick<StressSettings, "duration" | "exposure">,
  run: { seconds: number; before: Received; after: Received },
): Exposure {
  const { before, after, seconds } = run;
  const since = (now: number, then: number): number => (now >= then ? now - then : now);
  const perQueue = Object.fromEntries(
    Object.entries(after.perQueue).map(([name, value]) => [name, since(value, before.perQueue[name] ?? 0)]),
  );
  const packets = since(after.packets, before.packets);
  const busiest = Math.max(0, ...Object.values(perQueue));
  const { exposure } = settings;
  // A driver that does not count by queue is counted as one.
  const counted = exposure?.perQueue && Object.keys(perQueue).length > 0 ? busiest : packets;
  return {
    seconds,
    packets,
    perQueue,
    planned:
      exposure === undefined
        ? settings.duration
        : `${exposure.packets} packets${exposure.perQueue ? " on one queue" : ""}, ${settings.duration} at most`,
    reached:
      exposure === undefined
        ? seconds * 1000 >= durationMs(settings.duration) - 1000
        : counted >= exposure.packets,
    receivedBytes: since(after.bytes, before.bytes),
  };
}

/** One after the other; what was planned, and whether that was reached, is the first one's word. */
export function addExposure(before: Exposure | undefined, more: Exposure): Exposure {
  if (before === undefined) return more;
  const queues = [...new Set([...Object.keys(before.perQueue), ...Object.keys(more.perQueue)])];
  return {
    ...before,
    seconds: before.seconds + more.seconds,
    packets: before.packets + more.packets,
    receivedBytes: before.receivedBytes + more.receivedBytes,
    perQueue: Object.fromEntries(
      queues.map((name) => [name, (before.perQueue[name] ?? 0) + (more.perQueue[name] ?? 0)]),
    ),
  };
}

/** Those of the busiest queue, where the driver counts by queue: a countdown is one per queue. */
export function countedPackets({ packets, perQueue }: Exposure): number {
  const queues = Object.values(perQueue);
  return queues.length === 0 ? packets : Math.max(...queues);
}
