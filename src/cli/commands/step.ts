import type { Trial } from "../../step/run-step.js";
import type { Call } from "../call.js";
import type { Settings } from "../settings-shape.js";
import type { AddCommand } from "./index.js";
import { overrides } from "../overrides.js";
import { exitCode } from "../exit-code.js";

export const addStep: AddCommand = (program, call, finish) => {
  const command = program
    .command("step")
    .description("test the commit that is checked out, as tarbisect.yaml says; for git bisect run")
    .option("--config <file>", "the settings; left out: tarbisect.yaml here or above")
    .option("--json", "print the trial as JSON");
  for (const { path, flag, variable } of overrides)
    command.option(`${flag} <value>`, `instead of ${path.join(".")} in the settings and ${variable}`);
  command
    .addHelpText("after", "\nExit codes: 0 good, 1 bad, 125 can't be tested; 128 and above stop the bisect.")
    .action(async (flags: Record<string, unknown>) => {
      const [{ readSettings }, { trialText }] = await Promise.all([
        import("../settings.js"),
        import("../step-text.js"),
      ]);
      const { path, settings } = readSettings({ cwd: call.cwd, env: call.env, flags });
      call.note(`settings: ${path}\n`);
      const trial = await (settings.target === undefined ? testHere : testOnTarget)(settings, call);
      call.out(flags.json === true ? `${JSON.stringify(trial)}\n` : trialText(trial));
      finish(exitCode[trial.verdict.kind]);
    });
};

async function testHere(settings: Settings, call: Call): Promise<Trial> {
  const [{ planStep }, { runStep }, { stepEvents }] = await Promise.all([
    import("../plan-step.js"),
    import("../../step/run-step.js"),
    import("../step-text.js"),
  ]);
  return runStep(await planStep(settings, call), stepEvents(call.note));
}

async function testOnTarget(settings: Settings, call: Call): Promise<Trial> {
  const [{ planTargetStep }, { runTargetStep }] = await Promise.all([
    import("../plan-target-step.js"),
    import("../../step/run-target-step.js"),
  ]);
  return runTargetStep(await planTargetStep(settings, call));
}
