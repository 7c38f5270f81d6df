// The stress: the mesh of flows, or the user's command on the target. It ends early when the watch gives its alarm.
import { Fault } from "../fault/fault.js";
import { durationMs } from "./duration.js";
import type { Exposure } from "./exposure.js";
import { runFlowRounds, type WantedProof } from "./flow-rounds.js";
import { runLeakCycles, type CycleInput } from "./leak-cycles.js";
import type { BuiltModule } from "./load-module.js";
import { stageVariables } from "./run-step.js";
import type { CommitUnderTest } from "./commit-under-test.js";
import { stressUnderProbe } from "./health.js";
import { stressUnderMemleak } from "./memleak.js";
import { memleakOf, type StressSettings } from "./stress-settings.js";
import { runTargetStage } from "./target-stage.js";
import type { StressEnd } from "./trial-facts.js";
import type { TrialHosts, TrialIo } from "./trial-hosts.js";
import { judgeStage } from "./verdict.js";

export interface StressInput {
  under: CommitUnderTest;
  hosts: TrialHosts;
  settings: StressSettings;
  module: BuiltModule;
  kernel: string;
  /** With it the flows run in cycles of load and rest, until a leak is told from none. */
  cycles: Omit<CycleInput, "hosts" | "settings"> | undefined;
  wanted: WantedProof;
}

/** Runs until it ends by itself or `io.stop` says so; what is ours and ends early is a value, for the judge. */
export async function runStress(
  input: StressInput,
  io: TrialIo & { stop: AbortSignal },
): Promise<{ end: StressEnd; exposure?: Exposure }> {
  const { health } = input.settings;
  try {
    const load = (stop: AbortSignal): ReturnType<typeof runLoad> =>
      health === undefined
        ? runLoad(input, { ...io, stop })
        : stressUnderProbe(input.hosts, health, { ...io, stop }, (sooner) =>
            runLoad(input, { ...io, stop: sooner }),
          );
    const memleak = memleakOf(input.settings);
    if (memleak === undefined) return await load(io.stop);
    const at = { ...io, module: input.module.file.name };
    return await stressUnderMemleak(input.hosts.target, memleak, at, () => load(io.stop));
  } catch (error) {
    if (error instanceof Fault && error.blame === "harness")
      return { end: { kind: "broken", detail: error.message, ...(error.hint && { hint: error.hint }) } };
    throw error;
  }
}

async function runLoad(
  input: StressInput,
  io: TrialIo & { stop: AbortSignal },
): Promise<{ end: StressEnd; exposure?: Exposure }> {
  const { run } = input.settings;
  if (run !== undefined) return { end: await runOwnStress(input, run, io) };
  const meshIo = { ...io, module: input.module.file.name };
  if (input.cycles !== undefined) return runLeakCycles({ ...input, ...input.cycles }, meshIo);
  return runFlowRounds(input.hosts, input.settings, input.wanted, meshIo);
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
