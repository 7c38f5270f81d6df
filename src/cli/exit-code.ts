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

/** Whom a command of ours blamed that ended with a code; undefined for verdicts and for codes that are none of ours. */
export function blameOfExit(code: number): Blame | undefined {
  return (Object.keys(exitCodeOfBlame) as Blame[]).find((blame) => exitCodeOfBlame[blame] === code);
}

/** For the man page; of `step`, 0 to 125 are what `git bisect run` takes for a verdict. */
export const exitCodeMeanings: readonly { code: number; meaning: string }[] = [
  { code: exitCode.good, meaning: "it worked; of step: the commit is good" },
  { code: exitCode.bad, meaning: "step only: the commit is bad" },
  { code: exitCode.skip, meaning: "step only: the commit can't be tested" },
  {
    code: exitCodeOfBlame.harness,
    meaning: "the machine or the harness failed; a bisect stops with its state kept",
  },
  { code: exitCodeOfBlame.usage, meaning: "the call or the settings are wrong" },
  { code: exitCodeOfBlame.interrupted, meaning: "interrupted" },
  { code: exitCodeOfBlame.paused, meaning: "paused" },
  { code: exitCodeOfBlame["target-lost"], meaning: "the target does not come back and needs a person" },
  { code: exitCode.ourBug, meaning: "a bug in tarbisect" },
];
