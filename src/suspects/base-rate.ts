// How often the list was right, so that a reader knows how far to trust it. Measured, never guessed: the regressions,
// their split and what fails are described in ARCHITECTURE.md.

interface BaseRate {
  about: string;
  withoutFixed: Rate;
  /** Of those that have a release with the fix. */
  withFixed: Rate;
}

interface Rate {
  cases: number;
  /** Cases whose true function was among the first five. */
  topFive: number;
}

export const baseRates: readonly BaseRate[] = [
  {
    about: "real regressions of out-of-tree drivers, looked at while the weights were chosen",
    withoutFixed: { cases: 9, topFive: 6 },
    withFixed: { cases: 9, topFive: 8 },
  },
  {
    about: "fixes with a trace from the histories of six drivers, the half whose misses were read",
    withoutFixed: { cases: 63, topFive: 41 },
    withFixed: { cases: 58, topFive: 39 },
  },
  {
    about: "the other half of them, measured only",
    withoutFixed: { cases: 63, topFive: 43 },
    withFixed: { cases: 55, topFive: 41 },
  },
];
