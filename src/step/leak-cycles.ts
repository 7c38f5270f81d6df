// Load and rest by turns, until the sequential test knows whether memory is lost or all cycles are done.
import { setTimeout as sleep } from "node:timers/promises";
import { leakText } from "../evidence/leak-finding.js";
import type { EndpointFloors } from "../evidence/leak-model.js";
import { addExposure, type Exposure } from "./exposure.js";
import { judgeLeak, type LeakRules } from "./judge-leak.js";
import { readMesh } from "./read-mesh.js";
import { runMesh, type MeshIo } from "./mesh.js";
import type { StressSettings } from "./stress-settings.js";
import type { StressEnd } from "./trial-facts.js";
import type { TrialHosts } from "./trial-hosts.js";
import type { Watch } from "./watch.js";

export interface CycleRules extends LeakRules {
  /** As the settings write it. */
  load: string;
  drainMs: number;
  cycles: number;
}

export interface CycleInput {
  hosts: TrialHosts;
  settings: StressSettings;
  rules: CycleRules;
  watch: Watch;
  ringBytes: number;
  known: EndpointFloors;
}

/** What ends a load early ends the cycles with the same word. */
export async function runLeakCycles(
  { hosts, settings, rules, watch, ringBytes, known }: CycleInput,
  io: MeshIo,
): Promise<{ end: StressEnd; exposure?: Exposure }> {
  const flows = { ...settings, duration: rules.load, exposure: undefined };
  const planned = `${rules.cycles} cycles of ${rules.load} at most`;
  let exposure: Exposure | undefined;
  for (let cycle = 0; cycle < rules.cycles; cycle++) {
    watch.mark("stress");
    const outcome = await runMesh(hosts, flows, { ...io, label: `-${cycle}` });
    exposure = { ...addExposure(exposure, outcome.exposure), planned, reached: outcome.exposure.reached };
    const end = readMesh(outcome);
    if (end.kind !== "clean") return { end, exposure };
    watch.mark("drain");
    await rest(watch, rules.drainMs, io);
    if (io.stop.aborted || io.signal.aborted) return { end: { kind: "stopped" }, exposure };
    const found = judgeLeak({ samples: watch.samples, ringBytes }, rules, known);
    io.note(`cycle ${cycle + 1}: ${describe(found)}\n`);
    if (found?.decision === "leak" || found?.decision === "clean") break;
  }
  return { end: { kind: "clean" }, ...(exposure && { exposure }) };
}

function describe(found: ReturnType<typeof judgeLeak>): string {
  if (found === undefined) return "no sample yet";
  const ratio = Math.exp(found.logLikelihoodRatio);
  const odds = ratio >= 1 ? `${ratio.toPrecision(2)} to 1 for` : `${(1 / ratio).toPrecision(2)} to 1 against`;
  return `${leakText({ ...found, decision: "open" })}, ${odds} a leak`;
}

/** A slow machine gets the time to say often enough what it holds. */
async function rest({ samples }: Watch, ms: number, { stop, signal }: MeshIo): Promise<void> {
  const ended = { signal: AbortSignal.any([stop, signal]) };
  const begun = samples.length;
  const deadline = performance.now() + ms + lateSampleMs;
  await sleep(ms, undefined, ended).catch(() => undefined);
  while (samples.length < begun + fewestSamples && performance.now() < deadline && !ended.signal.aborted)
    await sleep(200, undefined, ended).catch(() => undefined);
}

const fewestSamples = 3;
const lateSampleMs = 60_000;
