// The stress: the mesh of flows, or the user's command on the target. It ends early when the watch gives its alarm.
import { Fault } from "../fault/fault.js";
import { durationMs } from "./duration.js";
import type { StressEnd } from "./judge-trial.js";
import type { BuiltModule } from "./load-module.js";
import { runMesh, type Exposure, type MeshOutcome } from "./mesh.js";
import { stageVariables } from "./run-step.js";
import type { CommitUnderTest } from "./commit-under-test.js";
import type { StressSettings } from "./stress-settings.js";
import { runTargetStage } from "./target-stage.js";
import type { TrialHosts, TrialIo } from "./trial-hosts.js";
import { judgeStage } from "./verdict.js";

export interface StressInput {
  under: CommitUnderTest;
  hosts: TrialHosts;
  settings: StressSettings;
  module: BuiltModule;
  kernel: string;
}

/** Runs until it ends by itself or `io.stop` says so; what is ours and ends early is a value, for the judge. */
export async function runStress(
  input: StressInput,
  io: TrialIo & { stop: AbortSignal },
): Promise<{ end: StressEnd; exposure?: Exposure }> {
  const { run } = input.settings;
  try {
    if (run !== undefined) return { end: await runOwnStress(input, run, io) };
    const outcome = await runMesh(input.hosts, input.settings, { ...io, module: input.module.file.name });
    return { end: readMesh(outcome), exposure: outcome.exposure };
  } catch (error) {
    if (error instanceof Fault && error.blame === "harness")
      return { end: { kind: "broken", detail: error.message, ...(error.hint && { hint: error.hint }) } };
    throw error;
  }
}

function readMesh(outcome: MeshOutcome): StressEnd {
  const { exposure } = outcome;
  switch (outcome.kind) {
    case "complete":
      if (exposure.packets === 0)
        return {
          kind: "broken",
          detail: "the flows ended well, but no interface under test received a packet",
        };
      return exposure.reached
        ? { kind: "clean" }
        : {
            kind: "verdict",
            verdict: {
              kind: "skip",
              cause: "exposure-short",
              detail: `clean, but only ${exposure.packets} packets in ${Math.round(exposure.seconds)} s of ${exposure.planned}`,
            },
          };
    case "stopped":
      return { kind: "stopped" };
    case "stalled":
      return { kind: "stalled", detail: outcome.detail };
    case "broken":
      return { kind: "broken", detail: `${outcome.host}: ${outcome.detail}` };
  }
}

async function runOwnStress(
  { under, hosts, settings, module, kernel }: StressInput,
  command: string,
  io: TrialIo & { stop: AbortSignal },
): Promise<StressEnd> {
  const folder = "/";
  const ended = await runTargetStage(
    hosts.target,
    {
      stage: "stress",
      command,
      timeoutMs: durationMs(settings.timeout),
      folder,
      env: { ...stageVariables(under, kernel, folder), TARBISECT_MODULE: module.file.name },
    },
    io,
  );
  if (ended.kind === "lost")
    return { kind: "broken", detail: `${hosts.target.name} was lost under stress: ${ended.detail}` };
  if (ended.kind === "stopped") return { kind: "stopped" };
  const verdict = judgeStage(ended.end);
  return verdict === undefined || verdict.kind === "good" ? { kind: "clean" } : { kind: "verdict", verdict };
}
