// The user's own build command, in the source's copy on this machine, for a module that a target will load.
import { findModules } from "../build/build-module.js";
import type { BuildJob, MadeModules } from "./build-for-target.js";
import { durationMs } from "./duration.js";
import { thisMachine } from "./place.js";
import { runStage } from "./run-stage.js";
import { stageVariables } from "./run-step.js";
import type { TrialIo } from "./trial-hosts.js";
import { judgeStage } from "./verdict.js";

export async function runOwnBuild(job: BuildJob, command: string, io: TrialIo): Promise<MadeModules> {
  const { folder, under, place } = job;
  const end = await runStage(
    {
      stage: "build",
      command,
      timeoutMs: durationMs(job.settings.timeout),
      folder,
      env: {
        ...stageVariables(under, place.headers.release, folder),
        TARBISECT_CFLAGS: job.cflags.join(" "),
      },
    },
    { place: thisMachine, ...io },
  );
  const verdict = judgeStage(end);
  if (verdict !== undefined && verdict.kind !== "good") return { kind: "failed", detail: verdict.detail };
  const kos = await findModules(folder, job.catalog.module);
  return kos.length > 0
    ? { kind: "built", kos }
    : { kind: "failed", detail: "the build ended well but left no .ko" };
}
