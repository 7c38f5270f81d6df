// From a pair of releases to a bisect between their changes: the ends stay what they were, and what trials of the
// releases said of the rates goes along.
import type { GitBisect } from "./git-state.js";
import type { BisectPlan, OwnLine, PriorLine, TrialLine } from "./own-lines.js";
import { startText } from "./start-bisect.js";
import type { View } from "./view.js";

/** What is thought of the commits before any of them is tested. */
export type Suspected = Omit<PriorLine, "kind">;

/** Two neighbours in time between which the bug came (or went): places in the line. */
export interface Pair {
  older: number;
  newer: number;
}

/** The pair that the answer leaves; undefined where there is no answer, or it is inside a release already. */
export function pairOf({ situation, line, plan }: View): Pair | undefined {
  if (plan.within !== undefined) return undefined;
  const { next } = situation;
  if (next.kind !== "found" && next.kind !== "narrowed") return undefined;
  const candidates = next.kind === "found" ? [next.index] : next.candidates;
  const [good, bad] = [Math.min(...candidates) - 1, Math.max(...candidates)];
  return line.isReversed ? { older: bad, newer: good } : { older: good, newer: bad };
}

/** Makes git's bisect one between the older commit and the tip of its split branch, whose tree is the newer one's. */
export async function beginInside(
  git: GitBisect,
  view: View,
  { tip, suspected }: { tip: string; suspected: Suspected | undefined },
): Promise<void> {
  const { older } = pairOf(view)!;
  const { plan, line } = view;
  const first = line.commits[older]!.commit;
  const { good, bad } = plan;
  const ends = line.isReversed ? { good: tip, bad: first } : { good: first, bad: tip };
  const inner: BisectPlan = { ...plan, ...ends, within: { good, bad } };
  const prior: OwnLine[] = suspected === undefined ? [] : [{ kind: "prior", ...suspected }];
  const text = await startText(git, inner, line.isReversed, [...prior, ...carriedTrials(view, ends)]);
  await git.replace(text);
}

/** Each release's trial, as one of the end that it is like. */
function carriedTrials(view: View, ends: { good: string; bad: string }): OwnLine[] {
  const pair = pairOf(view)!;
  const lastGood = view.line.isReversed ? pair.newer : pair.older;
  return view.trials.flatMap(({ index, ...trial }): TrialLine[] =>
    trial.verdict === "skip"
      ? []
      : [{ ...trial, commit: index <= lastGood ? ends.good : ends.bad, carried: true }],
  );
}
