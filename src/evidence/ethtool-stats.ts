/** `ethtool -S`: the driver's counters by its own names, which no two drivers share; undefined when it has none. */
export function readEthtoolStats(text: string): Record<string, number> | undefined {
  const counters: Record<string, number> = {};
  for (const [, name, value] of text.matchAll(/^[ \t]+(\S.*?):[ \t]+(\d+)[ \t\r]*$/gm))
    counters[name ?? ""] = Number(value);
  return Object.keys(counters).length === 0 ? undefined : counters;
}

/** What a counter is about, told by its name: the drivers agree on words, not on names. */
export type CounterMeaning = "allocation-failure" | "page-reuse" | "loss" | "queue-packets" | "other";

const meanings: readonly (readonly [RegExp, CounterMeaning])[] = [
  [/alloc.*fail/i, "allocation-failure"],
  [/page.*(?:reuse|busy|waive)/i, "page-reuse"],
  [/^rx(?:_queue)?[-_]?\d+.*packets/i, "queue-packets"],
  [/drop|miss|err|no_buf|discard/i, "loss"],
];

/** The counter's meaning by its name. */
export function meaningOfCounter(name: string): CounterMeaning {
  return meanings.find(([pattern]) => pattern.test(name))?.[1] ?? "other";
}
