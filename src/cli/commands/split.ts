import type { AddCommand } from "./index.js";
import { addSplitCheck } from "./split-check.js";
import type { BuildOptions } from "../plan-build.js";
import type { LimitOptions } from "../split-limits.js";

interface SplitOptions extends BuildOptions, LimitOptions {
  verify: boolean;
  json: boolean;
  branch?: string;
}

export const addSplit: AddCommand = (program, call, finish) => {
  const split = program.command("split");
  addSplitCheck(split, call, finish);
  split
    .description("cut the change between two releases into a branch of small commits that each build")
    .argument("<old>", "tag or commit to start from (the good one)")
    .argument("<new>", "tag or commit to end at (the bad one)")
    .option("--branch <name>", "the branch to write (default: split/OLD-to-NEW)")
    .option(
      "--kernel <version>",
      "build against this kernel: 5.10, 6.1.0-56-amd64, a folder with boot/ and lib/modules/",
    )
    .option(
      "--kernel-headers <folder>",
      "build against the headers in this folder (default: the running kernel's)",
    )
    .option(
      "--driver <name>",
      "the catalog that says how to build, with its fixups (default: as tarbisect.yaml says, else told from the files)",
    )
    .option(
      "--build <command>",
      "build with this command instead, for sh in the source's copy; with --driver after its fixups",
    )
    .option("--build-timeout <time>", "the longest that one build may take", "30m")
    .option("--cc <compiler>", "the compiler (default: gcc)")
    .option("--path <paths...>", "cut only what is in these files and folders; the rest is one commit")
    .option("--topic <name>", "cut only what belongs to this topic of the driver's catalog")
    .option("--suspects <file>", "place these apart, near the middle: what tarbisect suspects --json printed")
    .option("--verify", "build every commit, and mend what does not build (default)", true)
    .option("--no-verify", "do not build the commits; each message says so")
    .option("--json", "the commits as JSON", false)
    .action(async (old: string, now: string, flags: SplitOptions) => {
      const [
        { splitRepository },
        { renderSplit, progressLine },
        { planBuild },
        { endsOf, sayingOf },
        { chosenDriver },
      ] = await Promise.all([
        import("../../split/split-repository.js"),
        import("../render-split.js"),
        import("../plan-build.js"),
        import("../split-ends.js"),
        import("../chosen-driver.js"),
      ]);
      const driver = await chosenDriver(flags.driver, call);
      const options = { ...flags, ...(driver !== undefined && { driver }) };
      const branch = options.branch ?? `split/${old}-to-${now}`;
      const ends = { old, new: now };
      const { limitsOf } = await import("../split-limits.js");
      const limits = await limitsOf(options, call.cwd);
      const around = await endsOf(call.cwd, ends);
      const plan = options.verify ? await planBuild(options, around, call) : undefined;
      const { cwd: repository, signal } = call;
      const onProgress = progressLine(call.note);
      const result = await splitRepository({
        ...{ repository, ...ends, branch, plan, limits, signal, onProgress },
        ...(await sayingOf(options.driver, around)),
      });
      call.out(options.json ? `${JSON.stringify(result, null, 2)}\n` : renderSplit(result));
      finish(0);
    });
};
