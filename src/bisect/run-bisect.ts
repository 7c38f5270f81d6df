// The bisect that runs itself: read what is known, make the marks that are due, test what tells most, write it down.
// Nothing is kept in memory from one round to the next, so a person may step in with git bisect at any time, and a kill
// costs the trial under way at most.
import { Fault, harnessFault } from "../fault/fault.js";
import type { Trial } from "../step/run-step.js";
import type { BuildAhead } from "../step/build-ahead.js";
import { estimateRest, type Estimate } from "./estimate.js";
import { GitBisect } from "./git-state.js";
import { findSameCode, nextAfter } from "./look-ahead.js";
import type { TrialLine } from "./own-lines.js";
import { expectNoPause } from "./pause.js";
import { ensureBisect, type PlanRequest } from "./start-bisect.js";
import { settledView } from "./settled-view.js";
import type { View } from "./view.js";

export interface BisectRequest extends PlanRequest {
  cwd: string;
  /** Tests the commit that is checked out; whatever is no verdict is thrown, and stops the bisect. */
  test: () => Promise<Trial>;
  /** What builds modules for a kernel before their trials; undefined where the step's builds can't be made before. */
  ahead: (kernel: string) => BuildAhead | undefined;
  /** How often in a row a fault of ours is met by another try before it stops the bisect. */
  retries: number;
  /** Waits so many milliseconds; throws when the user interrupts. */
  wait: (ms: number) => Promise<void>;
  events: BisectEvents;
  /** Milliseconds of a clock that never goes back. */
  nowMs: () => number;
  /** Numbers from 0 to 1. */
  random: () => number;
}

export interface BisectEvents {
  /** Before the first trial of this call. */
  goesOn(view: View, rest: Estimate): void;
  tests(view: View, index: number): void;
  /** The release need not be tested: its module is that of another one. */
  inherits(view: View, commits: readonly [string, string]): void;
  /** A trial came to no verdict; it is tried again after a wait. */
  failed(fault: Fault, waitMs: number): void;
  told(trial: TrialLine & { index: number }, view: View, rest: Estimate): void;
}

/** Runs until there is an answer, or none can be had. */
export async function runBisect(request: BisectRequest): Promise<View> {
  const git = await GitBisect.open(request.cwd);
  return git.alone(async () => {
    await ensureBisect(git, request);
    let view = await settledView(git);
    request.events.goesOn(view, estimateRest(view.facts, view.situation, request.random));
    let ahead: BuildAhead | undefined;
    let faults = 0;
    try {
      while (view.situation.next.kind === "test") {
        expectNoPause(git.ownFolder);
        ahead ??= aheadOf(view, request);
        const same = ahead && (await findSameCode(view, ahead));
        if (same !== undefined) {
          await git.add(same);
          request.events.inherits(view, same.commits);
          view = await settledView(git);
          continue;
        }
        const trial = await tryTest(git, view, { ...request, builds: ahead, faults });
        view = await settledView(git);
        faults = trial === undefined ? faults + 1 : 0;
        if (trial === undefined) continue;
        request.events.told(trial, view, estimateRest(view.facts, view.situation, request.random));
      }
      return view;
    } finally {
      await ahead?.stopAllBut(undefined);
    }
  });
}

/** The kernel is known by the first trial. */
function aheadOf({ trials }: View, { ahead }: BisectRequest): BuildAhead | undefined {
  const kernel = trials.findLast((trial) => trial.kernel !== undefined)?.kernel;
  return kernel === undefined ? undefined : ahead(kernel);
}

/** Undefined after a fault that may pass, such as a lost connection: a while later what is due may be tried again. */
async function tryTest(
  git: GitBisect,
  view: View,
  request: BisectRequest & { builds: BuildAhead | undefined; faults: number },
): Promise<(TrialLine & { index: number }) | undefined> {
  try {
    return await testNext(git, view, request);
  } catch (error) {
    const mayPass = error instanceof Fault && (error.blame === "harness" || error.blame === "target-lost");
    if (!mayPass || request.faults >= request.retries) throw error;
    const waitMs = 30_000 * 2 ** request.faults;
    request.events.failed(error, waitMs);
    await request.wait(waitMs);
    return undefined;
  }
}

async function testNext(
  git: GitBisect,
  view: View,
  { test, events, nowMs, builds }: BisectRequest & { builds: BuildAhead | undefined },
): Promise<TrialLine & { index: number }> {
  const { next } = view.situation;
  if (next.kind !== "test") throw new Error("there is nothing to test");
  const { index } = next;
  const { commit } = view.line.commits[index]!;
  events.tests(view, index);
  await git.checkOut(commit);
  for (const other of nextAfter(view, index))
    void builds?.codeOf(view.line.commits[other]!.commit, { isNice: true });
  const begunMs = nowMs();
  const trial = await test();
  if (trial.commit !== commit)
    throw harnessFault(`${trial.commit} was tested instead of ${commit}`, { hint: "did HEAD move?" });
  const line = trialLine(trial, (nowMs() - begunMs) / 60_000);
  await git.add(line);
  return { ...line, index };
}

function trialLine({ commit, verdict, kernel, evidence }: Trial, minutes: number): TrialLine {
  const { kind, ...told } = verdict;
  const rounded = Math.round(minutes * 1000) / 1000;
  return { kind: "trial", commit, verdict: kind, ...told, minutes: rounded, kernel, evidence };
}
