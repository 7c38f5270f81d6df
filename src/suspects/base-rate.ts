// How often the list was right, so that a reader knows how far to trust it. Measured, never guessed: the regressions,
// their split and what fails are described in ARCHITECTURE.md.

interface BaseRate {
  about: string;
  /** Whether misses of these cases were read while the weights were chosen: such a rate flatters. */
  read: boolean;
  /** Whether each case's trace was given. */
  traces: boolean;
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
    about: "real regressions of out-of-tree drivers",
    read: true,
    traces: true,
    withoutFixed: { cases: 9, topFive: 6 },
    withFixed: { cases: 9, topFive: 8 },
  },
  {
    about: "fixes with a trace from the histories of six drivers, one half",
    read: true,
    traces: true,
    withoutFixed: { cases: 63, topFive: 42 },
    withFixed: { cases: 58, topFive: 41 },
  },
  {
    about: "the other half of them",
    read: false,
    traces: true,
    withoutFixed: { cases: 63, topFive: 43 },
    withFixed: { cases: 55, topFive: 41 },
  },
  {
    about: "fixes with a trace from the histories of eleven drivers, taken later, one half",
    read: true,
    traces: true,
    withoutFixed: { cases: 37, topFive: 26 },
    withFixed: { cases: 36, topFive: 30 },
  },
  {
    about: "the other half of those",
    read: false,
    traces: true,
    withoutFixed: { cases: 38, topFive: 29 },
    withFixed: { cases: 34, topFive: 23 },
  },
  {
    about: "fixes with a trace from Linux's graphics drivers as FreeBSD builds them",
    read: false,
    traces: true,
    withoutFixed: { cases: 57, topFive: 48 },
    withFixed: { cases: 57, topFive: 54 },
  },
  {
    about: "fixes with a trace from sixteen more histories",
    read: false,
    traces: true,
    withoutFixed: { cases: 26, topFive: 18 },
    withFixed: { cases: 20, topFive: 15 },
  },
  {
    about: "all of those that were not read, their traces withheld",
    read: false,
    traces: false,
    withoutFixed: { cases: 184, topFive: 37 },
    withFixed: { cases: 166, topFive: 59 },
  },
];

/** The rate of the cases that no weight was chosen on, all together. */
export function fairRate({ traces, fixed }: { traces: boolean; fixed: boolean }): Rate {
  const rates = baseRates
    .filter((rate) => !rate.read && rate.traces === traces)
    .map(({ withFixed, withoutFixed }) => (fixed ? withFixed : withoutFixed));
  return {
    cases: rates.reduce((sum, { cases }) => sum + cases, 0),
    topFive: rates.reduce((sum, { topFive }) => sum + topFive, 0),
  };
}
