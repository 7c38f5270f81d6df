import type { AddCommand } from "./index.js";

interface SplitOptions {
  verify: boolean;
  json: boolean;
  branch?: string;
}

export const addSplit: AddCommand = (program, call, finish) => {
  program
    .command("split")
    .description("cut the change between two releases into a branch of small commits")
    .argument("<old>", "tag or commit to start from (the good one)")
    .argument("<new>", "tag or commit to end at (the bad one)")
    .option("--branch <name>", "the branch to write (default: split/OLD-to-NEW)")
    .option(
      "--no-verify",
      "do not build the commits (so far the only way: none is built, and each message says so)",
    )
    .option("--json", "the commits as JSON", false)
    .action(async (old: string, now: string, options: SplitOptions) => {
      const { splitRepository } = await import("../../split/split-repository.js");
      const { renderSplit } = await import("../render-split.js");
      const branch = options.branch ?? `split/${old}-to-${now}`;
      const result = await splitRepository({ repository: call.cwd, old, new: now, branch });
      call.out(options.json ? `${JSON.stringify(result, null, 2)}\n` : renderSplit(result));
      finish(0);
    });
};
