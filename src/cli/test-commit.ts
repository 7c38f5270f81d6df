import type { Trial } from "../step/run-step.js";
import type { Call } from "./call.js";
import { onTarget, targetsOf } from "./one-target.js";
import type { Settings } from "./settings-shape.js";

/** What to test and where; left out: the commit that is checked out, on the first of the settings' targets. */
export interface TestedWhere {
  commit?: string;
  target?: string;
}

/** One trial, here or on a target. */
export async function testCommit(
  settings: Settings,
  call: Call,
  { commit, target }: TestedWhere = {},
): Promise<Trial> {
  const its = onTarget(settings, target ?? targetsOf(settings)[0]);
  return its.target === undefined ? testHere(its, call, commit) : testOnTarget(its, call, commit);
}

async function testHere(settings: Settings, call: Call, commit: string | undefined): Promise<Trial> {
  const [{ planStep }, { runStep }, { stepEvents }] = await Promise.all([
    import("./plan-step.js"),
    import("../step/run-step.js"),
    import("./step-text.js"),
  ]);
  return runStep(await planStep(settings, call, commit), stepEvents(call.note));
}

async function testOnTarget(settings: Settings, call: Call, commit: string | undefined): Promise<Trial> {
  const [{ planTargetStep }, { runTargetStep }] = await Promise.all([
    import("./plan-target-step.js"),
    import("../step/run-target-step.js"),
  ]);
  return runTargetStep(await planTargetStep(settings, call, commit));
}
