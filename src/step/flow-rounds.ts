// The flows as planned, and then on: a clean run counts only for as much as the bug takes to show, once that is known.
import { missChance, workToFailure, type EndpointRuns } from "../evidence/clean-exposure.js";
import { durationText } from "../evidence/leak-finding.js";
import { durationMs } from "./duration.js";
import { addExposure, countedPackets, type Exposure } from "./exposure.js";
import { runMesh, type MeshIo } from "./mesh.js";
import { readMesh } from "./read-mesh.js";
import type { StressSettings } from "./stress-settings.js";
import type { StressEnd } from "./trial-facts.js";
import type { TrialHosts } from "./trial-hosts.js";

export interface WantedProof {
  /** How likely a clean run may hide the bug. */
  missRate: number;
  /** How the bad end failed under this load. */
  runs: EndpointRuns;
}

/** Goes on until the bug is unlikely enough to be missed, where the settings' time limit is enough for that. */
export async function runFlowRounds(
  hosts: TrialHosts,
  settings: StressSettings,
  wanted: WantedProof,
  io: MeshIo,
): Promise<{ end: StressEnd; exposure: Exposure }> {
  let next = settings;
  let exposure: Exposure | undefined;
  for (let round = 0; ; round++) {
    const outcome = await runMesh(hosts, next, round === 0 ? io : { ...io, label: `+${round}` });
    exposure = addExposure(exposure, outcome.exposure);
    const end = readMesh(outcome);
    const more = end.kind === "clean" ? moreFlows(settings, exposure, wanted) : undefined;
    if (more === undefined) return { end, exposure };
    const miss = missChance(countedPackets(exposure), wanted.runs);
    const { packets } = more.exposure;
    const seconds = (packets * exposure.seconds) / countedPackets(exposure);
    io.note(
      `clean so far; the bug is missed with ${(100 * miss).toFixed(0)} %: ${packets} packets more, ${durationText(seconds)}\n`,
    );
    next = more;
  }
}

/** Undefined: enough was done, or what is missing takes longer than the time that is left. */
export function moreFlows(
  settings: StressSettings,
  exposure: Exposure,
  { missRate, runs }: WantedProof,
): (StressSettings & { exposure: NonNullable<StressSettings["exposure"]> }) | undefined {
  const needed = workToFailure(runs, missRate)?.neededPackets;
  const work = countedPackets(exposure);
  if (needed === undefined || work >= needed || !exposure.reached) return undefined;
  const packets = needed - work;
  const leftSeconds = Math.floor(durationMs(settings.timeout) / 1000 - exposure.seconds);
  if ((packets * exposure.seconds) / work > leftSeconds) return undefined;
  return { ...settings, duration: `${leftSeconds}s`, exposure: { packets, perQueue: true } };
}
