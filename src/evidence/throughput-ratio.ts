// Throughput against the good endpoint's: the Hodges-Lehmann shift of the logarithms with its confidence interval, which
// asks nothing of their distribution (Hollander, Wolfe: Nonparametric Statistical Methods, 4.3).
import { median } from "./robust.js";

export interface ThroughputRatio {
  ratio: number;
  /** 95 %. */
  low: number;
  high: number;
  /** Blocks of seconds that were compared, of this run and of the reference. */
  blocks: [number, number];
}

/** Connections speed up first. */
const dropSeconds = 10;
const blockSeconds = 10;
const fewestBlocks = 4;
const z95 = 1.96;

/** Mean bits per second of each ten seconds of a run, without its first ten; `bitsPerSecond` has a value a second. */
export function throughputBlocks(bitsPerSecond: readonly number[], intervalSeconds = 1): number[] {
  const values = bitsPerSecond.slice(Math.ceil(dropSeconds / intervalSeconds));
  const perBlock = Math.max(1, Math.round(blockSeconds / intervalSeconds));
  const blocks = Math.floor(values.length / perBlock);
  return Array.from({ length: blocks }, (_, block) => {
    const part = values.slice(block * perBlock, (block + 1) * perBlock);
    return part.reduce((a, b) => a + b, 0) / part.length;
  });
}

/** Undefined with too few blocks to have an interval, or nothing but zeros. */
export function throughputRatio(
  blocks: readonly number[],
  reference: readonly number[],
): ThroughputRatio | undefined {
  const [own, good] = [blocks, reference].map((all) => all.map((value) => Math.log(Math.max(value, 1))));
  if (own === undefined || good === undefined) return undefined;
  if (own.length < fewestBlocks || good.length < fewestBlocks || Math.max(...good) === 0) return undefined;
  const shifts = own.flatMap((a) => good.map((b) => a - b)).sort((a, b) => a - b);
  const [m, n] = [own.length, good.length];
  const cut = Math.max(0, Math.floor((m * n) / 2 - z95 * Math.sqrt((m * n * (m + n + 1)) / 12)));
  return {
    ratio: Math.exp(median(shifts)),
    low: Math.exp(shifts[cut]!),
    high: Math.exp(shifts[shifts.length - 1 - cut]!),
    blocks: [m, n],
  };
}
