// Load, configure and stress of one trial, under watch: how far it came and how the stress ended.
import { openBoundedLog } from "./bounded-log.js";
import { join } from "node:path";
import type { CommitUnderTest } from "./commit-under-test.js";
import { modulesInTheWay } from "./clear-way.js";
import { configure } from "./configure.js";
import { durationMs } from "./duration.js";
import type { EndpointKnowledge } from "./endpoint-knowledge.js";
import type { Guard } from "./guard.js";
import { loadModule, type BuiltModule, type LoadOutcome } from "./load-module.js";
import type { Exposure } from "./mesh.js";
import type { PreparedTarget } from "./prepare-target.js";
import type { LoadedProof } from "./prove-loaded.js";
import type { StageClock } from "./stage-clock.js";
import { stageVariables } from "./run-step.js";
import { ringBytes } from "./ring-bytes.js";
import { runStress } from "./stress.js";
import { memleakOf } from "./stress-settings.js";
import type { StressEnd, TrialFacts } from "./trial-facts.js";
import type { TrialHosts, TrialIo } from "./trial-hosts.js";
import type { TrialSettings } from "./trial-settings.js";
import type { Alarm, Watch } from "./watch.js";

export interface TrialInput {
  under: CommitUnderTest;
  hosts: TrialHosts;
  prepared: PreparedTarget;
  /** What the build made, the module under test first. */
  modules: readonly BuiltModule[];
  clock: StageClock;
  /** What the ends of the bisect have taught. */
  known: EndpointKnowledge;
  guard?: Guard | undefined;
}

/** How far the trial came. */
export interface Course {
  stage: TrialFacts["stage"];
  stress: StressEnd;
  /** The first one, when there was one before the stress ended. */
  alarm?: Alarm;
  proof?: LoadedProof;
  exposure?: Exposure;
  /** What ran beside the stress and makes neither throughput nor timing a word on the commit. */
  slowedBy?: string;
  /** What this release's driver could not be told. */
  refused?: string[];
  /** What was set on the interfaces, by name. */
  facts?: Record<string, string>;
  /** What their receive rings hold when all is well. */
  ringBytes?: number;
}

export async function runCourse(
  settings: TrialSettings,
  input: TrialInput & { watch: Watch },
  io: TrialIo,
): Promise<Course> {
  const { clock, watch, hosts } = input;
  io.note("load ...\n");
  watch.mark("load");
  const loaded = await clock.run("load", () => load(settings, input, io));
  if (loaded.kind === "lost") return { stage: "load", stress: { kind: "broken", detail: loaded.detail } };
  if (loaded.kind === "failed")
    return {
      stage: "load",
      stress: { kind: "verdict", verdict: { kind: "skip", cause: "load-failed", detail: loaded.detail } },
    };
  const { proof } = loaded;
  io.note(`${proof.module} is loaded, srcversion ${proof.srcversion ?? "unknown"}\n`);
  watch.mark("configure");
  const configured = await clock.run("configure", () =>
    configure(hosts, { ...settings, module: proof.module }, io),
  );
  if (configured.kind === "lost")
    return { stage: "configure", proof, stress: { kind: "broken", detail: configured.detail } };
  if (configured.kind === "no-traffic")
    return {
      stage: "configure",
      proof,
      stress: { kind: "verdict", verdict: { kind: "skip", cause: "no-traffic", detail: configured.detail } },
    };
  const { refused, facts } = configured;
  io.note("stress ...\n");
  watch.mark("stress");
  const rings = ringBytes(facts);
  const stressed = await clock.run("stress", () =>
    stressUntilAlarm(settings, { ...input, ringBytes: rings }, io),
  );
  watch.mark("idle");
  const { end, ...seen } = stressed;
  return { stage: "stress", proof, refused, facts, ringBytes: rings, stress: end, ...seen };
}

async function load(
  settings: TrialSettings,
  { under, hosts, modules, prepared, guard, watch }: TrialInput & { watch: Watch },
  io: TrialIo,
): Promise<LoadOutcome> {
  const swap =
    prepared.wayUnderTest && guard ? { old: modulesInTheWay({ prepared, modules }), guard } : undefined;
  if (swap !== undefined) watch.expectSilence(swap.guard.limitMs);
  // A command of the user's own writes load.log itself.
  const log = openBoundedLog(join(io.evidence, settings.load.run === undefined ? "load.log" : "proof.log"));
  try {
    return await loadModule(hosts.target, {
      modules,
      settings: settings.load,
      timeoutMs: durationMs(settings.load.timeout),
      cards: prepared.cards.flatMap(({ pci }) => (pci === undefined ? [] : [pci])),
      log: (text) => log.add(Buffer.from(text)),
      swap,
      env: stageVariables(under, prepared.environment.kernel, "/"),
      io,
    });
  } finally {
    log.close();
  }
}

/** The alarm ends the stress: what comes after it proves nothing. */
async function stressUntilAlarm(
  settings: TrialSettings,
  { under, hosts, modules, prepared, watch, ...input }: TrialInput & { watch: Watch; ringBytes: number },
  io: TrialIo,
): Promise<{ end: StressEnd; exposure?: Exposure; alarm?: Alarm; slowedBy?: string }> {
  const stop = new AbortController();
  let alarm: Alarm | undefined;
  void watch.alarm.then((first) => {
    alarm = first;
    stop.abort();
  });
  const { cycles: rules } = settings;
  const stress = {
    under,
    hosts,
    settings: settings.stress,
    module: modules[0]!,
    kernel: prepared.environment.kernel,
    cycles: rules && { rules, watch, ringBytes: input.ringBytes, known: input.known.floors },
    wanted: { missRate: settings.judge.missRate, runs: input.known.runs },
  };
  const result = await runStress(stress, { ...io, stop: stop.signal });
  const slowed = memleakOf(settings.stress) === undefined ? {} : { slowedBy: "memleak" };
  return { ...result, ...slowed, ...(alarm !== undefined && { alarm }) };
}
