// How often the list was right, so that a reader knows how far to trust it. Measured, never guessed: the regressions,
// their split and what fails are described in ARCHITECTURE.md.

interface BaseRate {
  about: string;
  cases: number;
  /** Shares of the cases whose true function was among the first five. */
  topFive: { withoutFixed: number; withFixed: number };
}

export const baseRates: readonly BaseRate[] = [
  {
    about: "real regressions of out-of-tree drivers, looked at while the weights were chosen",
    cases: 9,
    topFive: { withoutFixed: 0.67, withFixed: 0.89 },
  },
  {
    about: "fixes with a trace from the histories of seven drivers, the half that the weights were chosen on",
    cases: 54,
    topFive: { withoutFixed: 0.63, withFixed: 0.69 },
  },
  {
    about: "the other half of them, measured only (its misses were read once)",
    cases: 61,
    topFive: { withoutFixed: 0.57, withFixed: 0.69 },
  },
];
