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
      const [{ readSettings }, { trialText }, { testCommit }, { expectNoPauseAt }, { inheritedTrial }] =
        await Promise.all([
          import("../settings.js"),
          import("../step-text.js"),
          import("../test-commit.js"),
          import("../../bisect/pause.js"),
          import("../../step/inherited-trial.js"),
        ]);
      const { path, settings } = readSettings({ cwd: call.cwd, env: call.env, flags });
      call.note(`settings: ${path}\n`);
      await expectNoPauseAt(call.cwd);
      const inherited = await inheritedTrial(call.cwd, { evidence: settings.evidence, settings });
      if (inherited) call.note(`its code is that of a commit that was tested: ${inherited.evidence}\n`);
      const trial = inherited ?? (await testCommit(settings, call));
      call.out(flags.json === true ? `${JSON.stringify(trial)}\n` : trialText(trial));
      finish(exitCode[trial.verdict.kind]);
    });
};
