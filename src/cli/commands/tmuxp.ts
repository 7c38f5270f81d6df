import type { AddCommand } from "./index.js";

export const addTmuxp: AddCommand = (program, call, finish) => {
  program
    .command("tmuxp")
    .description("write a tmuxp session of what a step does, to see it by hand: tmuxp load FILE")
    .option("--config <file>", "the settings; left out: tarbisect.yaml here or above")
    .option("-o, --output <file>", "write to a file")
    .option("--json", "as JSON, which tmuxp loads too")
    .action(async (options: { config?: string; output?: string; json?: true }) => {
      const [{ readSettings }, { onTarget, targetsOf }, { tmuxpSession }, { stringify }, { putOut }] =
        await Promise.all([
          import("../settings.js"),
          import("../one-target.js"),
          import("../tmuxp-session.js"),
          import("yaml"),
          import("../put-out.js"),
        ]);
      const { settings } = readSettings({ cwd: call.cwd, env: call.env, flags: { config: options.config } });
      const session = tmuxpSession(onTarget(settings, targetsOf(settings)[0]), call.cwd);
      const text =
        options.json === true
          ? `${JSON.stringify(session, null, 2)}\n`
          : stringify(session, { lineWidth: 0, defaultStringType: "PLAIN" });
      await putOut(call, text, { file: options.output, page: false });
      finish(0);
    });
};
