// What a trial on a target says of the commit. Pure: values in, a verdict or a fault's words out.
import type { EndpointKnowledge } from "./endpoint-knowledge.js";
import { findFailure, noNetwork } from "./find-failure.js";
import { judgeClean, type CleanRules } from "./judge-clean.js";
import { judgeFailure, type FailureRule } from "./judge-failure.js";
import type { TrialFacts } from "./trial-facts.js";
import type { Verdict } from "./verdict.js";

export interface JudgeRules extends CleanRules {
  failure: FailureRule;
}

export type Judgement =
  { kind: "verdict"; verdict: Verdict } | { kind: "fault"; detail: string; hint?: string };

/** `known` is what the bisect's two ends have taught so far. */
export function judgeTrial(facts: TrialFacts, rules: JudgeRules, known: EndpointKnowledge): Judgement {
  if (facts.record.shared)
    return {
      kind: "fault",
      detail: "another tarbisect began a trial on the target in the middle of this one",
      hint: "tarbisect-watch in the target's kernel log; one of the two must wait",
    };
  const lookedFor = typeof rules.failure === "string" ? [] : rules.failure;
  const failure = findFailure(facts, lookedFor.includes(noNetwork));
  if (failure.kind === "unclear") return { ...failure, kind: "fault" };
  if (failure.kind === "failure")
    return judgeFailure(failure, { stage: facts.stage, rule: rules.failure, known: known.signs });
  switch (facts.stress.kind) {
    case "verdict":
      return { kind: "verdict", verdict: facts.stress.verdict };
    case "broken":
      return { ...facts.stress, kind: "fault" };
    case "stalled":
      return { kind: "verdict", verdict: judgeStall(facts, facts.stress.detail, rules.failure) };
    case "unhealthy":
      return { kind: "verdict", verdict: judgeIllness(facts.stress.detail, rules.failure) };
    case "stopped":
      return { kind: "fault", detail: "the stress was stopped and nothing tells why" };
    case "clean":
      return judgeClean(facts, rules, known);
  }
}

/** A stall may have many causes: it is the bug only for those who look for one. */
function judgeStall({ slowedBy }: TrialFacts, detail: string, failure: FailureRule): Verdict {
  const signature = "stall";
  if (slowedBy === undefined && typeof failure !== "string" && failure.includes(signature))
    return { kind: "bad", cause: "hang", detail: `stall: ${detail}`, signature };
  return {
    kind: "skip",
    cause: "other-failure",
    detail: `traffic stopped without a crash${slowedBy === undefined ? "" : ` beside ${slowedBy}`}: ${detail}`,
    signature,
  };
}

/** The probe is the user's own test: what it finds is the bug, unless the settings say what that looks like. */
function judgeIllness(detail: string, failure: FailureRule): Verdict {
  const signature = "unhealthy";
  const looked =
    typeof failure === "string" || failure.some((text) => text === signature || detail.includes(text));
  return looked
    ? { kind: "bad", cause: "unhealthy", detail, signature }
    : { kind: "skip", cause: "other-failure", detail, signature };
}
