// Statistics that a few wild values can't move: what a machine does beside the test shows as such values.

export interface Point {
  x: number;
  y: number;
}

/** The middle value, or the mean of the two middle ones; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The median distance from the median, scaled to a normal distribution's standard deviation; NaN of nothing. */
export function medianDeviation(values: readonly number[]): number {
  const middle = median(values);
  return 1.4826 * median(values.map((value) => Math.abs(value - middle)));
}

/** The median of the slopes between all pairs (Theil 1950, Sen 1968); undefined without two different x. */
export function theilSen(points: readonly Point[]): number | undefined {
  const slopes = points.flatMap((a, index) =>
    points.slice(index + 1).flatMap((b) => (a.x === b.x ? [] : [(b.y - a.y) / (b.x - a.x)])),
  );
  return slopes.length === 0 ? undefined : median(slopes);
}
