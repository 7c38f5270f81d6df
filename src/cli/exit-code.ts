import type { Blame } from "../fault/fault.js";

/** What `git bisect run` reads of a step; every code of 128 and above stops it with its state kept. */
export const exitCode = { good: 0, bad: 1, skip: 125, ourBug: 255 } as const;

export const exitCodeOfBlame = {
  harness: 128,
  usage: 129,
  interrupted: 130,
  paused: 252,
  "target-lost": 253,
} as const satisfies Record<Blame, number>;
