import type { Trial } from "../step/run-step.js";
import type { Call } from "./call.js";
import type { Settings } from "./settings-shape.js";

/** One trial of the commit that is checked out, here or on the settings' target. */
export async function testCommit(settings: Settings, call: Call): Promise<Trial> {
  return settings.target === undefined ? testHere(settings, call) : testOnTarget(settings, call);
}

async function testHere(settings: Settings, call: Call): Promise<Trial> {
  const [{ planStep }, { runStep }, { stepEvents }] = await Promise.all([
    import("./plan-step.js"),
    import("../step/run-step.js"),
    import("./step-text.js"),
  ]);
  return runStep(await planStep(settings, call), stepEvents(call.note));
}

async function testOnTarget(settings: Settings, call: Call): Promise<Trial> {
  const [{ planTargetStep }, { runTargetStep }] = await Promise.all([
    import("./plan-target-step.js"),
    import("../step/run-target-step.js"),
  ]);
  return runTargetStep(await planTargetStep(settings, call));
}
