// Which marks git should have by now. A verdict that nothing may be wrong with becomes a mark at once; others only with
// the answer, so that git never holds for certain what is not. Pure.
import type { PlacedMark, View } from "./view.js";

/** Marks that git lacks, in the order to be made. */
export function marksDue(view: Pick<View, "marks" | "facts" | "situation">): PlacedMark[] {
  const { marks } = view;
  return [...skipsDue(view), ...verdictsDue(view)].filter(
    ({ index, as }) => !marks.some((mark) => mark.index === index && mark.as === as),
  );
}

function skipsDue({ situation }: Pick<View, "situation">): PlacedMark[] {
  return [...situation.untestable].map((index) => ({ index, as: "skip" as const }));
}

function verdictsDue({ facts, situation }: Pick<View, "facts" | "situation">): PlacedMark[] {
  const { next, flakiness, untestable } = situation;
  if (next.kind === "stuck") return [];
  const failed = facts.trials.filter(({ verdict }) => verdict === "bad").map(({ index }) => index);
  const told = (as: "good" | "bad"): number[] =>
    facts.marks.filter((mark) => mark.as === as).map(({ index }) => index);
  const last = facts.releases - 1;
  // A pass after little work is none of these.
  const passed = facts.trials.filter(({ verdict }) => verdict === "good").map(({ index }) => index);
  const known = {
    good: flakiness === "none" ? Math.max(0, ...passed) : 0,
    bad: flakiness === "two-sided" ? last : Math.min(last, ...failed),
  };
  const found = next.kind === "found" ? next.index : undefined;
  const good = found === undefined ? known.good : found - 1;
  const bad = found ?? known.bad;
  // git's bad commit is the last one that was called so: a weaker one must not take its place.
  return [
    ...(good > Math.max(0, ...told("good")) && !untestable.has(good)
      ? [{ index: good, as: "good" as const }]
      : []),
    ...(bad < Math.min(last, ...told("bad")) ? [{ index: bad, as: "bad" as const }] : []),
  ];
}
