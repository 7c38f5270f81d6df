import type { Suspect } from "./rank-suspects.js";

/** The most that suspicion may weigh: who is misled by a trace loses no more than log2 of it in bits. */
export const mostFactor = 5;

/**
 * How much likelier each commit is to hold the cause than one that changes no suspect: the likeliest suspect's commits 5,
 * half as much for each point less, 1 at least. `commits` are the functions that each one changes.
 */
export function commitFactors(
  suspects: readonly Pick<Suspect, "name" | "file" | "score">[],
  commits: readonly (readonly { name: string; file: string }[])[],
): number[] {
  const top = Math.max(...suspects.map(({ score }) => score));
  const factors = new Map(
    suspects.map(({ name, file, score }) => [`${file} ${name}`, mostFactor * 2 ** (score - top)]),
  );
  return commits.map((changed) =>
    Math.max(1, ...changed.map(({ name, file }) => factors.get(`${file} ${name}`) ?? 1)),
  );
}
