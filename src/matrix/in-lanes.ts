// Work side by side, as many at once as asked for; the first fault ends the others and is the one that counts.

export async function inLanes<T>(
  items: readonly T[],
  { lanes, signal }: { lanes: number; signal: AbortSignal },
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const waiting = [...items];
  let first: { error: unknown } | undefined;
  const lane = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined && !both.aborted; item = waiting.shift())
      try {
        await work(item, both);
      } catch (error) {
        first ??= { error };
        stop.abort();
      }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane));
  signal.throwIfAborted();
  if (first !== undefined) throw first.error;
}
