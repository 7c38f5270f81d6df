// A bisect read from its repository: the line of commits, and what git's marks and our trials say of them.
import { usageFault } from "../fault/fault.js";
import type { BisectState, GitBisect, MarkWord } from "./git-state.js";
import type { BisectPlan, OwnLine, PriorLine, TrialLine } from "./own-lines.js";
import { readLine, type Line } from "./read-line.js";
import { assess, type BisectFacts, type Situation } from "./situation.js";

export interface View {
  plan: BisectPlan;
  line: Line;
  trials: readonly (TrialLine & { index: number })[];
  /** git's marks on the line, ours and a person's. */
  marks: readonly PlacedMark[];
  /** Marks that we said we would make; git lacks one that a kill came before. */
  claimed: readonly PlacedMark[];
  /** Undefined where nothing is suspected. */
  prior: PriorLine | undefined;
  facts: BisectFacts;
  situation: Situation;
  /** git's word for a good and a bad commit: "fixed" and "broken" where the fix is looked for. */
  words: Record<MarkWord, string>;
}

export interface PlacedMark {
  index: number;
  as: MarkWord;
}

/** Undefined when no bisect is under way; a usage fault when it is none that has a plan. */
export async function readView(git: GitBisect): Promise<View | undefined> {
  const state = await git.read();
  if (state === undefined) return undefined;
  const plan = planOf(state.own);
  if (plan === undefined)
    throw usageFault(
      "the bisect under way was begun by git bisect alone",
      "tarbisect bisect goes on with it",
    );
  return viewOf(state, plan, await readLine(git.repository, plan.good, plan.bad));
}

/** The last plan counts: a later call may have changed its mind. */
export function planOf(own: readonly OwnLine[]): BisectPlan | undefined {
  return own.findLast((line) => line.kind === "plan");
}

export function viewOf(state: BisectState, plan: BisectPlan, line: Line): View {
  const places = new Map(line.commits.map(({ commit }, index) => [commit, index]));
  const place = <T extends { commit: string }>(one: T): (T & { index: number })[] => {
    const index = places.get(one.commit);
    return index === undefined ? [] : [{ ...one, index }];
  };
  const words = { ...wordsOf(state, line), skip: "skip" };
  const marks = marksOf(state, line).flatMap(place);
  const trials = state.own.flatMap((own) => (own.kind === "trial" ? place(own) : []));
  const claimed = state.own.flatMap((own) => (own.kind === "mark" ? place(own) : []));
  const prior = state.own.findLast((own) => own.kind === "prior");
  const facts: BisectFacts = {
    releases: line.commits.length,
    plan,
    trials,
    marks: withoutOurs(marks, claimed),
    same: [...sameAsBefore(line), ...sameCode(state.own, places)],
    ...(prior !== undefined && { prior: weightsOf(prior, line, places) }),
  };
  return { plan, line, trials, marks, claimed, prior, facts, situation: assess(facts), words };
}

function wordsOf({ terms }: BisectState, { isReversed }: Line): { good: string; bad: string } {
  return isReversed ? { good: terms.new, bad: terms.old } : { good: terms.old, bad: terms.new };
}

function marksOf({ log }: BisectState, { isReversed }: Line): { commit: string; as: MarkWord }[] {
  if (log === undefined) return [];
  // git's log tells of old as "good" and of new as "bad", whatever the words are.
  const [ofOld, ofNew] = isReversed ? (["bad", "good"] as const) : (["good", "bad"] as const);
  const of = (marks: readonly { commit: string }[], as: MarkWord): { commit: string; as: MarkWord }[] =>
    marks.map(({ commit }) => ({ commit, as }));
  return [...of(log.good, ofOld), ...of(log.bad, ofNew), ...of(log.skipped, "skip")];
}

/** Each mark of ours takes one equal mark away; what is left a person has said. */
function withoutOurs(marks: readonly PlacedMark[], ours: readonly PlacedMark[]): PlacedMark[] {
  const left = [...ours];
  return marks.filter(({ index, as }) => {
    const at = left.findIndex((mark) => mark.index === index && mark.as === as);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/** On the way back to the bad end, it is the commit before the first bad one that mended it. */
function weightsOf({ factors }: PriorLine, line: Line, places: ReadonlyMap<string, number>): number[] {
  const weights = line.commits.map(() => 1);
  for (const { commit, factor } of factors) {
    const index = places.get(commit);
    if (index !== undefined) weights[line.isReversed ? index + 1 : index] = factor;
  }
  return weights;
}

function sameAsBefore({ commits }: Line): [number, number][] {
  return commits.flatMap(({ isSameAsBefore }, index): [number, number][] =>
    isSameAsBefore && index > 0 ? [[index - 1, index]] : [],
  );
}

function sameCode(own: readonly OwnLine[], places: ReadonlyMap<string, number>): [number, number][] {
  return own.flatMap((line): [number, number][] => {
    if (line.kind !== "same-code") return [];
    const [a, b] = line.commits.map((commit) => places.get(commit));
    return a === undefined || b === undefined ? [] : [[a, b]];
  });
}
