// What the trials of a bisect's two ends have taught, for judging the commits between them.
import type { EndpointRuns } from "../evidence/clean-exposure.js";
import type { FailureSign } from "../evidence/failure-sign.js";
import type { EndpointFloors } from "../evidence/leak-model.js";
import type { Floor } from "../evidence/memory-floors.js";
import { runChecked } from "../host/run-command.js";
import type { BisectEnds } from "./bisect-ends.js";
import { countedPackets, type Exposure } from "./exposure.js";
import { floorsOf } from "./judge-leak.js";
import { readFacts, readThroughput } from "./kept-facts.js";
import type { KeptTrial } from "./kept-trials.js";
import { wasClean, type Verdict } from "./verdict.js";

export interface EndpointKnowledge {
  /** How the bad end failed; [] before it was tested. */
  signs: readonly FailureSign[];
  /** The work that its failures took, under the same load. */
  runs: EndpointRuns;
  /** What both held after each drain, under the same load. */
  floors: EndpointFloors;
  /** The good end's throughput under the same load, a value per ten seconds. */
  throughput: readonly number[];
}

export const nothingKnown: EndpointKnowledge = {
  signs: [],
  runs: { failed: [], clean: [] },
  floors: { good: [], bad: [] },
  throughput: [],
};

/** What to learn, and for which commit: the bad end's own trials are how its failures become known. */
export interface KnowledgeWanted {
  ends: BisectEnds;
  commit: string;
  /** Of the step that asks; floors and work are comparable only under the same load. */
  settings: Record<string, unknown>;
  place: string;
}

/** Reads the kept trials of the two ends, known by their trees: a split's first and last commit are releases too. */
export async function endpointKnowledge(
  trials: readonly KeptTrial[],
  repository: string,
  wanted: KnowledgeWanted,
): Promise<EndpointKnowledge> {
  const { ends, commit } = wanted;
  const ids = [ends.good, ends.bad, commit, ...trials.map((trial) => trial.commit)];
  const [good, bad, own, ...trees] = await treesOf(repository, ids);
  const of = (tree: string | undefined): KeptTrial[] =>
    trials.filter(
      (trial, index) => tree !== undefined && trees[index] === tree && trial.verdict !== undefined,
    );
  const [ofGood, ofBad] = [of(good), of(bad)];
  const alike = (trial: KeptTrial): boolean => sameLoad(trial, wanted);
  const { judge } = wanted.settings as { judge?: { leak?: unknown; throughput?: unknown } };
  const floors = (of: readonly KeptTrial[]): Promise<Floor[][]> =>
    judge?.leak === undefined ? Promise.resolve([]) : floorsOfAll(of.filter(alike));
  const rates = judge?.throughput === undefined ? [] : ofGood.filter(alike);
  return {
    signs: own !== undefined && own === bad ? [] : ofBad.flatMap(signOfTrial),
    runs: workOf(ofBad.filter(alike), trials.filter(alike)),
    floors: { good: await floors(ofGood), bad: await floors(ofBad) },
    throughput: (await Promise.all(rates.map(({ folder }) => readThroughput(folder)))).flat(),
  };
}

function signOfTrial({ verdict }: KeptTrial): FailureSign[] {
  if (verdict?.kind !== "bad" || verdict.signature === undefined) return [];
  const { signature, family } = verdict;
  return [{ signature, ...(family && { family }) }];
}

/**
 * A machine that dies tells no more of its packets, and nothing where it does so at once: a failure counts for what its time
 * was worth at the best rate of all trials under this load.
 */
function workOf(ofBad: readonly KeptTrial[], all: readonly KeptTrial[]): EndpointRuns {
  const rate = Math.max(0, ...all.map(({ exposure }) => packetRate(exposure)));
  const work = (counts: (verdict: Verdict) => boolean, count: (exposure: Exposure) => number): number[] =>
    ofBad
      .flatMap(({ verdict, exposure }) =>
        verdict !== undefined && counts(verdict) && exposure !== undefined ? [count(exposure)] : [],
      )
      .filter((packets) => packets > 0);
  return {
    failed: work(
      ({ kind }) => kind === "bad",
      (exposure) => Math.max(countedPackets(exposure), Math.ceil(rate * exposure.seconds)),
    ),
    clean: work(wasClean, countedPackets),
  };
}

/** Packets a second; 0 where none was counted. */
function packetRate(exposure: Exposure | undefined): number {
  return exposure === undefined || exposure.seconds === 0 ? 0 : countedPackets(exposure) / exposure.seconds;
}

async function floorsOfAll(trials: readonly KeptTrial[]): Promise<Floor[][]> {
  const facts = await Promise.all(trials.map(({ folder }) => readFacts(folder)));
  return facts.flatMap((each) => {
    if (each === undefined) return [];
    const { ringBytes } = each;
    const floors = floorsOf({ samples: each.record.samples, ...(ringBytes !== undefined && { ringBytes }) });
    return floors.length === 0 ? [] : [floors];
  });
}

/** Of the stress; how long it lasts, and how it is judged, may differ. */
const lengthKeys = ["timeout", "duration", "exposure"];

function sameLoad(trial: KeptTrial, { settings, place }: KnowledgeWanted): boolean {
  const cycles = (of: Record<string, unknown>): string => JSON.stringify(cycleOf(of.judge));
  const { twins = [] } = settings as { twins?: readonly string[] };
  return (
    [place, ...twins].includes(trial.place) &&
    loadOf(trial.settings) === loadOf(settings) &&
    cycles(trial.settings) === cycles(settings)
  );
}

/** In words that hold for each of several identical targets: hosts by their part, and no addresses. */
function loadOf(settings: Record<string, unknown>): string {
  const { target, peers = [] } = settings as { target?: string; peers?: readonly string[] };
  const { configure, stress, amplify } = settings;
  const load = Object.entries(stress ?? {}).filter(([key]) => !lengthKeys.includes(key));
  const parts = new Map([[target, "target"], ...peers.map((name, at) => [name, `peer ${at}`] as const)]);
  return JSON.stringify([configure, load, amplify], (key, value: unknown) => {
    if (key === "address") return undefined;
    return typeof value === "string" ? (parts.get(value) ?? value) : value;
  });
}

function cycleOf(judge: unknown): unknown {
  const leak = (judge as { leak?: { load: string; drain: string } } | undefined)?.leak;
  return leak === undefined ? [] : [leak.load, leak.drain];
}

async function treesOf(
  repository: string,
  commits: readonly (string | undefined)[],
): Promise<(string | undefined)[]> {
  const asked = commits.map((commit) => `${commit ?? "none"}^{tree}\n`).join("");
  const answers = await runChecked(["git", "cat-file", "--batch-check=%(objectname)"], {
    cwd: repository,
    stdin: asked,
  });
  return answers
    .toString()
    .split("\n")
    .map((line) => (/^[0-9a-f]{40,64}$/.test(line) ? line : undefined));
}
