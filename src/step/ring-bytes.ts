import { ringBuffers, type RingSettings } from "../evidence/rings.js";

const pageBytes = 4096;

/** What the receive rings hold when all is well, a page a buffer, from the facts that `configure` notes; 0 while unknown. */
export function ringBytes(facts: Readonly<Record<string, string>>): number {
  const rings = Object.entries(facts).flatMap(([fact, value]): RingSettings[] => {
    const [, name] = /^(\S+) rings$/.exec(fact) ?? [];
    const rx = numberAfter("rx", value);
    if (name === undefined || rx === undefined) return [];
    const channels = facts[`${name} channels`] ?? "";
    const queues = (numberAfter("rx", channels) ?? 0) + (numberAfter("combined", channels) ?? 0);
    return [{ interface: name, rx, rxQueues: Math.max(1, queues) }];
  });
  return (ringBuffers(rings) ?? 0) * pageBytes;
}

function numberAfter(word: string, text: string): number | undefined {
  const found = new RegExp(`(?:^| )${word} (\\d+)`).exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}
