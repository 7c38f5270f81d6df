// The bisect that runs itself: read what is known, make the marks that are due, test what tells most, write it down.
// Nothing is kept in memory from one round to the next but who tests what, so a person may step in with git bisect at any
// time, and a kill costs the trials under way at most.
import type { BuildAhead } from "../step/build-ahead.js";
import { Crew, type CrewPlan, type Ended } from "./crew.js";
import { estimateRest, type Estimate } from "./estimate.js";
import { GitBisect } from "./git-state.js";
import { findSameCode, nextAfter } from "./look-ahead.js";
import type { TrialLine } from "./own-lines.js";
import { expectNoPause, isPaused } from "./pause.js";
import { ensureBisect, type PlanRequest } from "./start-bisect.js";
import { settledView } from "./settled-view.js";
import { isIdle, testsDue } from "./tests-due.js";
import type { View } from "./view.js";

export interface BisectRequest extends PlanRequest, CrewPlan {
  cwd: string;
  /** What builds modules for a kernel before their trials; undefined where the step's builds can't be made before. */
  ahead: (kernel: string) => BuildAhead | undefined;
  events: BisectEvents;
  /** Numbers from 0 to 1. */
  random: () => number;
}

export interface BisectEvents {
  /** Before the first trial of this call. */
  goesOn(view: View, rest: Estimate): void;
  tests(view: View, index: number, target: string): void;
  /** No trial begins before the release's module is built, and that takes a while. */
  waits(view: View, index: number): void;
  /** The release need not be tested: its module is that of another one. */
  inherits(view: View, commits: readonly [string, string]): void;
  /** A trial came to no verdict, and is tried again, or its target is left out. */
  failed(ended: Extract<Ended, { kind: "failed" | "left-out" }>): void;
  told(trial: TrialLine & { index: number }, view: View, rest: Estimate): void;
}

/** Runs until there is an answer, or none can be had. A fault that leaves no target to go on with is thrown. */
export async function runBisect(request: BisectRequest): Promise<View> {
  const git = await GitBisect.open(request.cwd);
  return git.alone(async () => {
    await ensureBisect(git, request);
    let view = await settledView(git);
    const { events, targets, random } = request;
    const restOf = (known: View): Estimate =>
      estimateRest(known.facts, known.situation, { random, targets: targets.length });
    events.goesOn(view, restOf(view));
    const crew = new Crew(request);
    let ahead: BuildAhead | undefined;
    try {
      while (view.situation.next.kind === "test") {
        ahead ??= aheadOf(view, request);
        view = await startDue({ git, crew, ahead }, view, request);
        if (view.situation.next.kind !== "test") break;
        const ended = await crew.next();
        if (ended.kind === "failed" || ended.kind === "left-out") events.failed(ended);
        if (ended.kind === "left-out" && crew.isLost) throw ended.fault;
        if (ended.kind !== "trial") continue;
        const line = trialLine(ended);
        await git.add(line);
        view = await settledView(git);
        events.told({ ...line, index: ended.index }, view, restOf(view));
      }
      return view;
    } finally {
      await crew.stop();
      await ahead?.stopAllBut(undefined);
    }
  });
}

/** The kernel is known by the first trial. */
function aheadOf({ trials }: View, { ahead }: BisectRequest): BuildAhead | undefined {
  const kernel = trials.findLast((trial) => trial.kernel !== undefined)?.kernel;
  return kernel === undefined ? undefined : ahead(kernel);
}

interface Hands {
  git: GitBisect;
  crew: Crew;
  ahead: BuildAhead | undefined;
}

/** Gives every free target what is due; gives what is known then, since code that is equal is found out on the way. */
async function startDue(hands: Hands, view: View, request: BisectRequest): Promise<View> {
  const { git, crew, ahead } = hands;
  crew.callOff((index) => isIdle(view.situation, index));
  // A pause waits for the trials under way.
  if (crew.pending.length === 0) expectNoPause(git.ownFolder);
  else if (isPaused(git.ownFolder)) return view;
  const due = testsDue(view.facts, view.situation, { pending: crew.pending, free: crew.free.length });
  for (const index of due) {
    const onWait = (waitedFor: number): void => request.events.waits(view, waitedFor);
    const same = ahead && (await findSameCode(view, index, { ahead, onWait }));
    if (same === undefined) continue;
    await git.add(same);
    request.events.inherits(view, same.commits);
    return startDue(hands, await settledView(git), request);
  }
  for (const index of due) await startTrial(hands, view, { index, request });
  return view;
}

async function startTrial(
  { git, crew, ahead }: Hands,
  view: View,
  { index, request }: { index: number; request: BisectRequest },
): Promise<void> {
  const [target] = crew.free;
  const { commit } = view.line.commits[index]!;
  if (target === undefined) throw new Error("more trials are due than targets are free");
  request.events.tests(view, index, target);
  // As git bisect does; of several commits under test none is the one.
  if (request.targets.length === 1) await git.checkOut(commit);
  for (const other of nextAfter(view, { index, pending: crew.pending }))
    void ahead?.codeOf(view.line.commits[other]!.commit, { isNice: true });
  crew.start(target, { index, commit });
}

function trialLine({ trial, minutes, target }: Extract<Ended, { kind: "trial" }>): TrialLine {
  const { commit, verdict, kernel, evidence } = trial;
  const { kind, ...told } = verdict;
  const rounded = Math.round(minutes * 1000) / 1000;
  return { kind: "trial", commit, verdict: kind, ...told, minutes: rounded, kernel, target, evidence };
}
