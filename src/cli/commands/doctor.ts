import type { AddCommand } from "./index.js";

export const addDoctor: AddCommand = (program, call, finish) => {
  program
    .command("doctor")
    .description("say what is missing on this machine, and how to get it")
    .option(
      "--kernel <release>",
      "the kernel to build for, as uname -r prints it; left out: the one that runs",
    )
    .option("--json", "print the checks as JSON")
    .addHelpText(
      "after",
      "\nExit codes: 0 the main job can run here, 128 something that it needs is missing.",
    )
    .action(async (options: { kernel?: string; json?: true }) => {
      const [{ checkNeeds }, { cacheFolder }, { doctorText }] = await Promise.all([
        import("../../host/needs.js"),
        import("../../host/cache-folder.js"),
        import("../doctor-text.js"),
      ]);
      const checks = await checkNeeds(cacheFolder(call.env), options.kernel);
      call.out(options.json ? `${JSON.stringify(checks, undefined, 2)}\n` : doctorText(checks));
      finish(checks.some(({ state }) => state === "missing") ? 128 : 0);
    });
};
