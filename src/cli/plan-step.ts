import { existsSync } from "node:fs";
import { join } from "node:path";
import { applyFixups, fixupsFor } from "../build/fixups.js";
import { loadCatalog } from "../catalog/catalog.js";
import { harnessFault } from "../fault/fault.js";
import { durationMs } from "../step/duration.js";
import { sshHost, thisMachine } from "../step/place.js";
import type { StepPlan } from "../step/run-step.js";
import type { Call } from "./call.js";
import type { Settings } from "./settings-shape.js";

/** The settings as one step's plan. */
export async function planStep(settings: Settings, call: Call, commit?: string): Promise<StepPlan> {
  const stages = (["build", "load", "stress"] as const).flatMap((stage) => {
    const set = settings[stage];
    return set?.run === undefined ? [] : [{ stage, command: set.run, timeoutMs: durationMs(set.timeout) }];
  });
  return {
    cwd: call.cwd,
    commit,
    stages,
    place: settings.ssh === undefined ? thisMachine : sshHost(settings.ssh, call.signal),
    kernel: settings.kernel,
    evidence: settings.evidence,
    prepare: await planFixups(settings.driver, call.note),
    settings,
    signal: call.signal,
    now: () => new Date(),
  };
}

/** The catalog's fixups on the copy; TARBISECT_CFLAGS is what the compiler must be told for them. */
async function planFixups(driver: string | undefined, note: Call["note"]): Promise<StepPlan["prepare"]> {
  if (driver === undefined) return () => Promise.resolve({ TARBISECT_CFLAGS: "" });
  const catalog = await loadCatalog(driver);
  return async (copy, { releases, kernel }) => {
    const folder = join(copy, catalog.sourceFolder);
    if (!existsSync(folder))
      throw harnessFault(
        `the commit has no folder ${catalog.sourceFolder}, where ${catalog.driver} has its source`,
        {
          hint: "is driver in tarbisect.yaml the one of this repository?",
        },
      );
    const applied = await applyFixups(folder, fixupsFor(catalog, releases, kernel));
    for (const { fixup, problem } of applied)
      note(`fixup: ${fixup.reason}${problem === undefined ? "" : ` (does nothing: ${problem})`}\n`);
    return { TARBISECT_CFLAGS: applied.flatMap(({ cflags }) => cflags).join(" ") };
  };
}
