// How a fix looks, and how well that suits a repair of the suspected change. The weights are log-odds of a conditional
// logit among the functions that a fixed release changed again, over fixes whose message names the commit that they
// repair (ARCHITECTURE.md says which).

/** Where the fix is: on lines that the suspected change brought, right beside them, or further away. */
export type Place = "on" | "beside" | "apart";

export interface Refix {
  place: Place;
  lines: number;
  returns: boolean;
  isSweep: boolean;
  /** What a repair of a crash brings and this one does, in words. */
  brings: readonly Repair[];
  /** Its rarest word that only one side of the fix has; undefined when it has none. */
  rarest: { word: string; functions: number } | undefined;
  /** The lines that only one side of the fix has, with - and +. */
  text: string;
}

interface Repair {
  about: string;
  words: RegExp;
  points: number;
}

export const repairs: readonly Repair[] = [
  { about: "a way out", words: /\b(?:return|goto)\b/, points: 0.9 },
  {
    about: "a call that lets go",
    words: /(?:free|put|release|destroy|cancel|unregister|del)\w*\s*\(/,
    points: 1.2,
  },
  { about: "a lock or an order", words: /(?:lock|rcu_|atomic|barrier|synchronize)\w*\s*\(/, points: 0.8 },
  { about: "a check of a pointer", words: /\bNULL\b|!\w+\)|\bIS_ERR/, points: 0.6 },
];

const placePoints = { on: 2.6, beside: 1.3, apart: 0 } satisfies Record<Place, number>;
/** A repair stands in few functions; what came to many at once is an interface or a feature that moved on. */
const commonPoints = -0.7;
const sweepPoints = -1.9;
/** For each doubling: whoever writes much anew does more than repair. */
const linesPoints = -0.3;
/** The whole function is back to what it was. */
const returnsPoints = 1;

/** How likely a fix of this shape is the repair of what it changes: powers of two, of which only ratios mean something. */
export function shapePoints({ place, rarest, lines, brings, isSweep, returns }: Refix): number {
  const common = commonPoints * Math.log2((1 + (rarest?.functions ?? 1)) / 2);
  const size = linesPoints * Math.log2(1 + lines);
  const repaired = brings.reduce((sum, { points }) => sum + points, 0);
  return (
    placePoints[place] +
    common +
    size +
    repaired +
    (isSweep ? sweepPoints : 0) +
    (returns ? returnsPoints : 0)
  );
}

/** The mean of their factors, in points: together they are then as likely as fixes are made in place. */
export function usualPoints(refixes: readonly Refix[]): number {
  const factors = refixes.map((refix) => 2 ** shapePoints(refix));
  return Math.log2(factors.reduce((sum, factor) => sum + factor, 0) / Math.max(1, factors.length));
}
