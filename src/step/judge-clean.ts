// A stress that ended without a failure: what memory, throughput and the work done say all the same.
import { missChance, workToFailure, type WorkToFailure } from "../evidence/clean-exposure.js";
import { durationText, leakText } from "../evidence/leak-finding.js";
import { throughputRatio } from "../evidence/throughput-ratio.js";
import type { EndpointKnowledge } from "./endpoint-knowledge.js";
import { countedPackets, type Exposure } from "./exposure.js";
import { judgeLeak, type LeakRules } from "./judge-leak.js";
import { canJudgeMemory, judgeMemory, type MemoryLimits } from "./judge-memory.js";
import type { TrialFacts } from "./trial-facts.js";
import type { Verdict } from "./verdict.js";

export interface CleanRules {
  memory: MemoryLimits | undefined;
  leak: LeakRules | undefined;
  missRate: number;
  /** A smaller ratio to the good endpoint's throughput is bad. */
  throughput: number | undefined;
}

export type CleanJudgement =
  { kind: "verdict"; verdict: Verdict } | { kind: "fault"; detail: string; hint?: string };

export function judgeClean(facts: TrialFacts, rules: CleanRules, known: EndpointKnowledge): CleanJudgement {
  const { samples, nicResets } = facts.record;
  if (rules.memory !== undefined && !canJudgeMemory(samples))
    return fault("too few memory samples came from the stress to judge its limits");
  const memory = rules.memory && judgeMemory(samples, rules.memory);
  if (memory !== undefined)
    return verdict({ kind: "bad", cause: "memory", detail: memory, signature: "leak", family: "leak" });
  const [reset] = nicResets;
  if (reset !== undefined)
    return verdict({
      kind: "skip",
      cause: "exposure-short",
      detail: `clean, but the interface was reset: ${reset}`,
    });
  if (rules.leak !== undefined) return judgeCycles(facts, rules.leak, known);
  return verdict(
    (rules.throughput && facts.slowedBy === undefined && judgeThroughput(facts, rules.throughput, known)) ||
      judgeWork(facts.exposure, rules, known),
  );
}

/** A leak is as sure as its sequential test; where that did not decide, what it saw is evidence for a search and no verdict. */
function judgeCycles(facts: TrialFacts, rules: LeakRules, known: EndpointKnowledge): CleanJudgement {
  const { ringBytes, afterUnload, record } = facts;
  const course = {
    samples: record.samples,
    ...(ringBytes !== undefined && { ringBytes }),
    ...(afterUnload && { afterUnload }),
  };
  const found = judgeLeak(course, rules, known.floors);
  if (found === undefined) return fault("no sample tells what the kernel holds, so no leak can be judged");
  const likelihoodRatio = Math.exp(found.logLikelihoodRatio);
  const detail = leakText(found);
  if (found.decision === "open")
    return verdict({
      kind: "skip",
      cause: "undecided",
      detail: `neither a leak nor none: ${detail}; more cycles or more load would tell`,
      likelihoodRatio,
    });
  return verdict(
    found.decision === "leak"
      ? { kind: "bad", cause: "memory", detail, signature: "leak", family: "leak", likelihoodRatio }
      : { kind: "good", detail: `no leak: ${detail}`, likelihoodRatio },
  );
}

function judgeThroughput(
  { throughput = [] }: TrialFacts,
  least: number,
  known: EndpointKnowledge,
): Verdict | undefined {
  if (known.throughput.length === 0) return undefined; // the good end's own trial, or one before it
  const found = throughputRatio(throughput, known.throughput);
  if (found === undefined)
    return {
      kind: "skip",
      cause: "undecided",
      detail: `too few seconds of traffic to compare the throughput: ${throughput.length} and ${known.throughput.length} values of ten seconds`,
    };
  const detail = `throughput is ${percent(found.ratio)} of the good end's (${percent(found.low)} to ${percent(found.high)})`;
  if (found.high < least)
    return {
      kind: "bad",
      cause: "throughput",
      detail,
      signature: "throughput",
      likelihoodRatio: throughputOdds,
    };
  if (found.low >= least) return undefined;
  return { kind: "skip", cause: "undecided", detail: `${detail}; a longer stress would tell` };
}

/** Of an interval of 95 % that lies on one side. */
const throughputOdds = 39;

/** Clean is evidence in proportion to the work: good only where the bug would hardly have been missed. */
function judgeWork(
  exposure: Exposure | undefined,
  { missRate }: CleanRules,
  { runs }: EndpointKnowledge,
): Verdict {
  if (exposure === undefined) return { kind: "good" };
  const work = countedPackets(exposure);
  const miss = missChance(work, runs);
  if (!exposure.reached)
    return short(
      `clean, but only ${work} packets in ${Math.round(exposure.seconds)} s of ${exposure.planned}`,
      miss,
    );
  const bug = workToFailure(runs, missRate);
  if (bug === undefined)
    return {
      kind: "good",
      detail: `clean for ${work} packets; no failure of the bad end tells yet whether the bug takes more`,
    };
  const told = `clean for ${work} packets, which the bug survives unseen with ${percent(miss)}`;
  if (miss <= missRate) return { kind: "good", detail: told, missChance: miss };
  return short(`${told}: ${neededText(bug, exposure)}`, miss);
}

function short(detail: string, missChance: number): Verdict {
  return { kind: "skip", cause: "exposure-short", detail, missChance };
}

function neededText({ neededPackets }: WorkToFailure, exposure: Exposure): string {
  if (neededPackets === undefined)
    return "some runs of the bad end never fail, so that only repeats tell, as tarbisect bisect makes them";
  const seconds = (neededPackets * exposure.seconds) / countedPackets(exposure);
  const time = Number.isFinite(seconds) ? `, ${durationText(seconds)} at this load` : "";
  return `${neededPackets} are needed${time}; a longer stress.timeout lets it go on, amplify may bring it sooner`;
}

function percent(share: number): string {
  return share < 0.01 ? "less than 1 %" : `${(100 * share).toFixed(0)} %`;
}

function verdict(value: Verdict): CleanJudgement {
  return { kind: "verdict", verdict: value };
}

function fault(detail: string): CleanJudgement {
  return { kind: "fault", detail };
}
