// Kept trials judged again, each with what the trials before it had taught: without new rules every verdict is the old one.
import type { BisectEnds } from "./bisect-ends.js";
import { endpointKnowledge } from "./endpoint-knowledge.js";
import type { JudgeSettings } from "./judge-rules.js";
import { judgeRules } from "./judge-rules.js";
import { judgeTrial, type Judgement } from "./judge-trial.js";
import { readFacts } from "./kept-facts.js";
import type { KeptTrial } from "./kept-trials.js";
import type { Verdict } from "./verdict.js";

export interface Rejudged {
  trial: KeptTrial;
  /** Undefined: the folder does not hold what judging takes, so that the old verdict stands. */
  now: Judgement | undefined;
  /** Another verdict than before, or one where there was none. */
  changed: boolean;
}

/** `rulesOf` gives the settings that a trial is to be judged by. */
export async function judgeKept(
  trials: readonly KeptTrial[],
  at: { repository: string; ends: BisectEnds; rulesOf: (trial: KeptTrial) => JudgeSettings },
): Promise<Rejudged[]> {
  const done: Rejudged[] = [];
  for (const trial of trials) {
    const before = done.map(asJudgedNow);
    const now = await judgeAgain(trial, before, at);
    done.push({ trial, now, changed: now !== undefined && outcomeOf(now) !== trial.verdict?.kind });
  }
  return done;
}

async function judgeAgain(
  trial: KeptTrial,
  before: readonly KeptTrial[],
  { repository, ends, rulesOf }: Parameters<typeof judgeKept>[1],
): Promise<Judgement | undefined> {
  const facts = await readFacts(trial.folder);
  if (facts === undefined) return undefined;
  const { commit, place } = trial;
  const settings = { ...trial.settings, judge: rulesOf(trial) };
  const known = await endpointKnowledge(before, repository, { ends, commit, place, settings });
  return judgeTrial(facts, judgeRules(settings.judge), known);
}

function asJudgedNow({ trial, now }: Rejudged): KeptTrial {
  if (now === undefined) return trial;
  return { ...trial, verdict: now.kind === "verdict" ? now.verdict : undefined };
}

/** Undefined for a fault. */
export function verdictNow({ trial, now }: Rejudged): Verdict | undefined {
  return asJudgedNow({ trial, now, changed: false }).verdict;
}

function outcomeOf(judged: Judgement): Verdict["kind"] | undefined {
  return judged.kind === "verdict" ? judged.verdict.kind : undefined;
}
