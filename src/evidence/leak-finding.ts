// What is known of a leak, beside that there is one: who was asked for the memory, how long it lasts, who gives it back.
import type { KernelMemory } from "./kernel-memory.js";
import type { LeakTest } from "./leak-test.js";
import type { Floor } from "./memory-floors.js";

export interface LeakFinding extends LeakTest {
  /** Since the first counted cycle. */
  lostBytes: number;
  /** The allocator that most of it came from; undefined without a leak. */
  from?: "page allocator" | "slab" | "other";
  /** Until what is available is lost, at this load; undefined without a leak. */
  exhaustionSeconds?: number;
  /** The share of what was lost that came back when the module was unloaded; undefined when it was not seen. */
  givenBack?: number;
}

const places = [
  { part: "pages", from: "page allocator" },
  { part: "slab", from: "slab" },
  { part: "other", from: "other" },
] as const satisfies readonly { part: keyof KernelMemory; from: LeakFinding["from"] }[];

export interface SeenOfLeak {
  /** Under load. */
  packetsPerSecond: number;
  /** MemAvailable at the end. */
  availableBytes?: number;
  /** What the kernel held before the module was loaded and after it was unloaded. */
  unloaded?: { before: KernelMemory; after: KernelMemory };
}

export function describeLeak(floors: readonly Floor[], test: LeakTest, seen: SeenOfLeak): LeakFinding {
  const [first, last] = [floors[1], floors.at(-1)];
  if (first === undefined || last === undefined) return { ...test, lostBytes: 0 };
  const lostBytes = last.total - first.total;
  if (test.decision !== "leak") return { ...test, lostBytes };
  const grown = places.map(({ part, from }) => ({ part, from, bytes: last[part] - first[part] }));
  const most = grown.reduce((a, b) => (b.bytes > a.bytes ? b : a));
  const perSecond = test.bytesPerPacket * seen.packetsPerSecond;
  const { availableBytes, unloaded } = seen;
  const lostSinceLoad = test.bytesPerPacket * last.packets;
  const left = unloaded && unloaded.after[most.part] - unloaded.before[most.part];
  return {
    ...test,
    lostBytes,
    from: most.from,
    ...(availableBytes !== undefined && perSecond > 0 && { exhaustionSeconds: availableBytes / perSecond }),
    ...(left !== undefined && { givenBack: share(1 - left / lostSinceLoad) }),
  };
}

function share(value: number): number {
  return Math.min(1, Math.max(0, value));
}

/** One sentence: how much per work, from whom, how long it lasts, and whether unloading helps. */
export function leakText(finding: LeakFinding): string {
  const { cycles, bytesPerPacket, from, exhaustionSeconds, givenBack } = finding;
  const rate = `${(bytesPerPacket / 1.048576).toFixed(1)} MiB per million packets`;
  if (finding.decision !== "leak") return `${rate} in ${cycles} cycles of load and drain`;
  return [
    `it loses ${rate} ${from === "other" ? "outside of pages and slab" : `from the ${from ?? "kernel"}`}, seen in ${cycles} cycles`,
    ...(exhaustionSeconds === undefined
      ? []
      : [`memory is exhausted after ${durationText(exhaustionSeconds)} of this load`]),
    ...(givenBack === undefined ? [] : [`unloading the module gives ${givenBackText(givenBack)} back`]),
  ].join("; ");
}

function givenBackText(part: number): string {
  if (part < 0.2) return "nothing of it";
  return part > 0.8 ? "it" : `${Math.round(part * 100)} % of it`;
}

const units = [
  { name: "days", seconds: 86_400 },
  { name: "hours", seconds: 3600 },
  { name: "minutes", seconds: 60 },
] as const;

/** "23 minutes", "4 hours": the largest unit of which there are two or more. */
export function durationText(seconds: number): string {
  const unit = units.find((each) => seconds >= 2 * each.seconds);
  return unit === undefined
    ? `${Math.round(seconds)} seconds`
    : `${Math.round(seconds / unit.seconds)} ${unit.name}`;
}
