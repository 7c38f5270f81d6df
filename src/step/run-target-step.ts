// One commit on a target to one trial: prepare, build, then the trial itself, and a verdict with its evidence.
import { join } from "node:path";
import { Fault, harnessFault, messageOf } from "../fault/fault.js";
import { holdingLock } from "../host/process-lock.js";
import { bisectEnds, type BisectEnds } from "./bisect-ends.js";
import { bisectName } from "./bisect-name.js";
import { buildForTarget, type BuildOutcome, type BuildPlan } from "./build-for-target.js";
import { commitUnderTest, expectUnmoved, type CommitUnderTest } from "./commit-under-test.js";
import { endpointKnowledge, type EndpointKnowledge } from "./endpoint-knowledge.js";
import { ensurePrepared } from "./ensure-prepared.js";
import { newEvidenceFolder, writeRecord } from "./evidence-folder.js";
import { readKeptTrials } from "./kept-trials.js";
import type { PreparedTarget } from "./prepare-target.js";
import type { Trial } from "./run-step.js";
import { runTrial, type TrialResult } from "./run-trial.js";
import type { TrialSettings } from "./trial-settings.js";
import { StageClock } from "./stage-clock.js";
import { stageNotes } from "./stage-notes.js";
import { targetLedger, type TargetLedger } from "./target-ledger.js";
import type { TrialHost, TrialHosts, TrialIo } from "./trial-hosts.js";

export interface TargetPlan {
  cwd: string;
  /** What to test; undefined: what is checked out, which must stay. */
  commit?: string | undefined;
  /** Where trials are kept; undefined: .tarbisect/evidence beside the repository's git folder. */
  evidence: string | undefined;
  build: BuildPlan;
  trial: TrialSettings;
  /** The bisect's ends; undefined: those of git's own bisect. */
  ends?: BisectEnds;
  /** The lock file that whoever tests on the same machine holds. */
  claim: string;
  /** Connects nothing yet. */
  openHosts: () => Promise<TrialHosts>;
  /** All settings, for settings.json. */
  settings: Record<string, unknown>;
  signal: AbortSignal;
  note: (text: string) => void;
  now: () => Date;
}

/** What a trial is about, and with which others it is compared. */
export interface Tested {
  under: CommitUnderTest;
  /** Of the module under test, as the kernel names it. */
  module: string;
  /** Makes the module, or finds it. */
  build: (at: { host: TrialHost; running: string }, io: TrialIo) => Promise<BuildOutcome>;
  /** Trials of one series must find the target (by its name) as its first one did, which a file keeps. */
  series: { name: string; record: (target: string) => string };
  /** Runs before the verdict is kept; what it throws is the trial's fault. */
  confirm: () => Promise<void>;
}

interface Under {
  tested: Tested;
  under: CommitUnderTest;
  hosts: TrialHosts;
  ledger: TargetLedger;
}

/** Tests one commit on the settings' target, as `testOnTarget` does. */
export async function runTargetStep(plan: TargetPlan): Promise<Trial> {
  const under = await commitUnderTest(plan.cwd, plan.commit);
  return testOnTarget(plan, {
    under,
    module: plan.build.catalog.module.replaceAll("-", "_"),
    build: (at, io) => buildForTarget(plan.build, { under, ...at }, io),
    series: {
      name: await bisectName(under.repository),
      record: (target) => join(under.ownFolder, "targets", `${target}-environment.json`),
    },
    confirm: () => (plan.commit === undefined ? expectUnmoved(under) : Promise.resolve()),
  });
}

/**
 * One trial on the settings' target. What is not the tested module's own doing is a fault: 128 for the harness,
 * target-lost when the target does not come back; then the next trial repeats the first cause, and gives the verdict
 * that was found once the target answers.
 */
export async function testOnTarget(plan: TargetPlan, tested: Tested): Promise<Trial> {
  const { under } = tested;
  const hosts = await plan.openHosts();
  const ledger = targetLedger(under.ownFolder, hosts.target.name);
  const at = { tested, under, hosts, ledger };
  const refusal = (pid: string): Error =>
    harnessFault(`process ${pid} is testing on ${hosts.target.name} already`, { hint: `ps -fp ${pid}` });
  try {
    return await holdingLock(plan.claim, refusal, async () => {
      const pending = await expectNotBroken(plan, at);
      return pending ?? testCommit(plan, at);
    });
  } finally {
    await Promise.all([hosts.target, ...hosts.peers].map(({ target }) => target.disconnect()));
  }
}

/** The verdict that waits for a target that is back. Fault "target-lost" while it is not. */
async function expectNotBroken(
  plan: TargetPlan,
  { under, hosts, ledger }: Under,
): Promise<Trial | undefined> {
  const broken = await ledger.read();
  if (broken === undefined) return undefined;
  if ((await hosts.target.target.bootId()) === undefined)
    throw new Fault("target-lost", `${broken.cause} (since ${broken.since})`, {
      hint: `bring ${hosts.target.name} up; the next step goes on when it answers`,
    });
  await ledger.clear();
  const { pending } = broken;
  if (pending?.trial.commit !== under.commit || pending.settings !== JSON.stringify(plan.settings))
    return undefined;
  plan.note(
    `${hosts.target.name} is back; the verdict was found before it was lost: ${pending.trial.evidence}\n`,
  );
  return pending.trial;
}

async function testCommit(plan: TargetPlan, at: Under): Promise<Trial> {
  const { under, hosts } = at;
  const evidence = await newEvidenceFolder(trialsFolder(plan, under), under, plan.now());
  const io: TrialIo = { evidence, signal: plan.signal, note: plan.note };
  const clock = new StageClock(stageNotes(evidence, plan.now));
  try {
    plan.note(
      `${under.version} (${under.commit.slice(0, 10)}) on ${hosts.target.name}\nevidence: ${evidence}\n`,
    );
    const prepared = await clock.run("prepare", () => prepare(plan, at, io));
    const head = {
      version: under.version,
      commit: under.commit,
      kernel: prepared.environment.kernel,
      place: hosts.target.name,
      time: plan.now().toISOString(),
    };
    await writeRecord(evidence, "settings.json", { ...head, settings: plan.settings });
    await writeRecord(evidence, "environment.json", prepared);
    const result = await buildAndTry(plan, { ...at, prepared, clock }, io);
    await at.tested.confirm();
    const { lost, ...told } = result;
    await writeRecord(evidence, "verdict.json", { ...head, ...told, stages: clock.times });
    const { version, commit, kernel } = head;
    const { verdict, exposure } = result;
    const trial: Trial = { verdict, version, commit, kernel, evidence, ...(exposure && { exposure }) };
    if (lost === undefined) return trial;
    const since = plan.now().toISOString();
    const settings = JSON.stringify(plan.settings);
    await at.ledger.write({ cause: lost.message, since, pending: { trial, settings } });
    throw lost;
  } catch (error) {
    const blame = error instanceof Fault ? error.blame : "bug";
    if (blame === "target-lost" && (await at.ledger.read()) === undefined)
      await at.ledger.write({ cause: messageOf(error), since: plan.now().toISOString() });
    await writeRecord(evidence, "fault.json", {
      blame,
      message: messageOf(error),
      stages: clock.times,
    }).catch(() => undefined);
    throw error;
  }
}

function prepare(plan: TargetPlan, { tested, hosts }: Under, io: TrialIo): Promise<PreparedTarget> {
  const twin = measureOf(plan.settings, hosts.target.name);
  return ensurePrepared(
    hosts,
    {
      module: tested.module,
      record: tested.series.record(hosts.target.name),
      twin: twin === undefined ? undefined : { name: twin, record: tested.series.record(twin) },
      bisect: tested.series.name,
      wanted: { configure: plan.trial.configure, amplify: plan.trial.amplify },
      inTree: plan.trial.load.inTree,
      guarded: plan.trial.guard?.then === "in-tree" && plan.trial.load.run === undefined,
      bootMs: plan.trial.bootMs,
    },
    io,
  );
}

/** Of identical targets the one that the settings' hosts name first is what the others must be like. */
function measureOf(settings: Record<string, unknown>, target: string): string | undefined {
  const { hosts = {}, twins = [] } = settings as { hosts?: object; twins?: readonly string[] };
  const first = Object.keys(hosts).find((name) => name === target || twins.includes(name));
  return first === target ? undefined : first;
}

async function buildAndTry(
  plan: TargetPlan,
  { tested, under, hosts, prepared, clock }: Under & { prepared: PreparedTarget; clock: StageClock },
  io: TrialIo,
): Promise<TrialResult> {
  plan.note("build ...\n");
  const running = prepared.environment.kernel;
  const built = await clock.run("build", () => tested.build({ host: hosts.target, running }, io));
  if (built.kind === "failed")
    return { verdict: { kind: "skip", cause: "build-failed", detail: built.detail }, lost: undefined };
  plan.note(built.cached ? "built before\n" : "built\n");
  const known = await learnEnds(plan, under, hosts.target.name);
  return runTrial(plan.trial, { under, hosts, prepared, modules: built.modules, clock, known }, io);
}

function trialsFolder(plan: TargetPlan, { ownFolder }: CommitUnderTest): string {
  return plan.evidence ?? join(ownFolder, "evidence");
}

async function learnEnds(
  plan: TargetPlan,
  under: CommitUnderTest,
  place: string,
): Promise<EndpointKnowledge> {
  const ends = plan.ends ?? (await bisectEnds(under.repository));
  const trials = await readKeptTrials(trialsFolder(plan, under));
  const { commit, repository } = under;
  return endpointKnowledge(trials, repository, { ends, commit, settings: plan.settings, place });
}
