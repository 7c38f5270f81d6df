// What several targets are to test at once, and which of the trials under way have become idle. Pure.
import { expectedGain } from "./posterior.js";
import { beliefAfter, testsAtOnce } from "./search.js";
import { assess, type BisectFacts, type SeenTrial, type Situation } from "./situation.js";

/** Places in the line for `free` targets, while others test `pending`; the first is what one target alone would test. */
export function testsDue(
  facts: BisectFacts,
  situation: Situation,
  { pending, free }: { pending: readonly number[]; free: number },
): number[] {
  const { next, search } = situation;
  if (next.kind !== "test" || free === 0) return [];
  if (next.why !== "search") return testsOfEnd(facts, next, { pending, free });
  if (pending.length === 0 && free === 1) return [next.index];
  const belief = beliefAfter(search.plan, search.observations);
  const due = testsAtOnce(search.plan, belief, { pending, count: free }).filter(
    (index) => expectedGain(belief, index) >= leastWorth,
  );
  return due.length === 0 && pending.length === 0 ? [next.index] : due;
}

/** In bits: what tells less is worth no target while others test. */
const leastWorth = 0.03;

/** As many as the end still needs if all goes well; what comes after it must know how they ended. */
function testsOfEnd(
  facts: BisectFacts,
  { index, why }: { index: number; why: "bad-end" | "good-end" | "search" },
  { pending, free }: { pending: readonly number[]; free: number },
): number[] {
  const ended: SeenTrial = { index, verdict: why === "bad-end" ? "bad" : "good", minutes: 1 };
  const due: number[] = [];
  let trials = [...facts.trials, ...pending.filter((other) => other === index).map(() => ended)];
  while (due.length < free) {
    const { next } = assess({ ...facts, trials });
    if (next.kind !== "test" || next.why !== why) break;
    due.push(index);
    trials = [...trials, ended];
  }
  return due;
}

/** Whether a trial that is under way tells next to nothing any more, and is not what one target alone would test. */
export function isIdle({ next, search }: Situation, index: number): boolean {
  if (next.kind !== "test") return true;
  if (next.why !== "search" || index === next.index) return false;
  return expectedGain(beliefAfter(search.plan, search.observations), index) < leastWorth;
}
