// One commit to one trial: a copy of its tree, build, load, stress, a verdict with its evidence.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Fault, harnessFault, messageOf } from "../fault/fault.js";
import { commitUnderTest, expectUnmoved } from "./commit-under-test.js";
import type { CommitUnderTest } from "./commit-under-test.js";
import { copyTree } from "./copy-tree.js";
import { newEvidenceFolder, writeRecord } from "./evidence-folder.js";
import type { Exposure } from "./exposure.js";
import type { Place } from "./place.js";
import { runStage } from "./run-stage.js";
import { stageNotes, type NoteStage } from "./stage-notes.js";
import { judgeStage } from "./verdict.js";
import type { Stage, StageEnd, Verdict } from "./verdict.js";

export interface StepPlan {
  cwd: string;
  /** What to test; undefined: what is checked out, which must stay. */
  commit?: string | undefined;
  /** In the order they run. */
  stages: readonly { stage: Stage; command: string; timeoutMs: number }[];
  place: Place;
  /** uname -r of the kernel that is built for; undefined: the one that runs at the place. */
  kernel: string | undefined;
  /** Where trials are kept; undefined: .tarbisect/evidence beside the repository's git folder. */
  evidence: string | undefined;
  /** Makes the release build on the kernel: edits the copy and gives environment variables for the stages. */
  prepare: (
    copy: string,
    at: { releases: readonly string[]; kernel: string },
  ) => Promise<Record<string, string>>;
  /** What to keep of the settings in settings.json. */
  settings: unknown;
  signal: AbortSignal;
  now: () => Date;
}

export interface StepEvents {
  began(trial: { under: CommitUnderTest; kernel: string; evidence: string }): void;
  starts(stage: Stage): void;
  ended(end: StageEnd): void;
}

export interface Trial {
  verdict: Verdict;
  version: string;
  commit: string;
  kernel: string;
  evidence: string;
  /** The work that was put on the module, where flows of ours did it. */
  exposure?: Exposure;
}

/** Tests one commit. Whatever is not the commit's own doing is a fault, never a verdict. */
export async function runStep(plan: StepPlan, events: StepEvents): Promise<Trial> {
  const under = await commitUnderTest(plan.cwd, plan.commit);
  const trials = plan.evidence ?? join(under.ownFolder, "evidence");
  const evidence = await newEvidenceFolder(trials, under, plan.now());
  const note = stageNotes(evidence, plan.now);
  try {
    note("prepare");
    const kernel = plan.kernel ?? (await plan.place.kernel());
    const { version, commit } = under;
    events.began({ under, kernel, evidence });
    await writeRecord(evidence, "settings.json", {
      ...trialHead(plan, under, kernel),
      settings: plan.settings,
    });
    const { verdict, ends } = await withSource(plan, { under, kernel }, (folder, env) =>
      runStages(plan, {
        folder,
        env: { ...env, ...stageVariables(under, kernel, folder) },
        evidence,
        events,
        note,
      }),
    );
    if (plan.commit === undefined) await expectUnmoved(under);
    const stages = ends.map(({ stage, code, elapsedMs }) => ({ stage, code, elapsedMs }));
    await writeRecord(evidence, "verdict.json", { ...trialHead(plan, under, kernel), verdict, stages });
    return { verdict, version, commit, kernel, evidence };
  } catch (error) {
    const blame = error instanceof Fault ? error.blame : "bug";
    await writeRecord(evidence, "fault.json", { blame, message: messageOf(error) }).catch(() => undefined);
    throw error;
  }
}

/** The commit's files, made to build on the kernel, at the place; taken away however the stages end. */
async function withSource<T>(
  plan: StepPlan,
  at: { under: CommitUnderTest; kernel: string },
  use: (folder: string, env: Record<string, string>) => Promise<T>,
): Promise<T> {
  const copy = await mkdtemp(join(tmpdir(), "tarbisect-source-"));
  try {
    await copyTree(at.under.repository, at.under.commit, copy);
    const prepared = await plan.prepare(copy, { releases: at.under.releases, kernel: at.kernel });
    const folder = await plan.place.bring(copy);
    try {
      // What `prepare` made names the copy here; the stages find it there.
      const env = Object.entries(prepared).map(([name, value]) => [name, value.replaceAll(copy, folder)]);
      return await use(folder, Object.fromEntries(env) as Record<string, string>);
    } finally {
      await plan.place.clear(folder).catch(() => undefined); // a dead machine keeps its copy; the first fault counts
    }
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

async function runStages(
  plan: StepPlan,
  at: { folder: string; env: Record<string, string>; evidence: string; events: StepEvents; note: NoteStage },
): Promise<{ verdict: Verdict; ends: StageEnd[] }> {
  const ends: StageEnd[] = [];
  for (const stage of plan.stages) {
    at.note(stage.stage);
    at.events.starts(stage.stage);
    const end = await runStage(
      { ...stage, folder: at.folder, env: at.env },
      { place: plan.place, evidence: at.evidence, signal: plan.signal },
    );
    ends.push(end);
    at.events.ended(end);
    const verdict = judgeStage(end);
    if (verdict !== undefined) return { verdict, ends };
  }
  throw harnessFault("no stage came to a verdict", { hint: "tarbisect.yaml must have a stress command" });
}

/** What the commands find in their environment; messages come in English, so that they can be read. */
export function stageVariables(
  { version, commit }: CommitUnderTest,
  kernel: string,
  folder: string,
): Record<string, string> {
  return {
    LANG: "C", // kbuild unsets LC_ALL
    LC_ALL: "C",
    TARBISECT_VERSION: version,
    TARBISECT_COMMIT: commit,
    TARBISECT_SOURCE: folder,
    TARBISECT_KERNEL: kernel,
  };
}

function trialHead(plan: StepPlan, { version, commit }: CommitUnderTest, kernel: string): object {
  return { version, commit, kernel, place: plan.place.name, time: plan.now().toISOString() };
}
