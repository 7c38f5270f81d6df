import type { Command } from "commander";
import type { Call } from "../call.js";

interface CheckOptions {
  branch?: string;
  times: string;
  config?: string;
  run?: string;
  findFix?: true;
  output?: string;
  json: boolean;
}

/** `tarbisect split check`, below `tarbisect split`. */
export function addSplitCheck(split: Command, call: Call, finish: (code: number) => void): void {
  split
    .command("check")
    .description(
      "show that a bisect's culprit is the cause: the bad release without it, the good one with it",
    )
    .argument("[culprit]", "a commit of a split branch (default: what git bisect found)")
    .option("--branch <name>", "the branch that split wrote (default: the one the culprit is on)")
    .option("--times <n>", "how often each tree is tested", "3")
    .option("--config <file>", "the settings of tarbisect step (default: tarbisect.yaml here or above)")
    .option(
      "--run <command>",
      "test with this command instead of tarbisect step; exit codes as git bisect run has them",
    )
    .option("--find-fix", "the older release is the bad one: show that what bisect --find-fix found mends it")
    .option(
      "--output <file>",
      "where to write the patch that makes the bad release good (default: revert.patch, of a fix fix.patch)",
    )
    .option("--json", "the result as JSON", false)
    .addHelpText("after", "\nThe exit code is 0 whatever was found; --json tells it to programs.")
    .action(async (culprit: string | undefined, options: CheckOptions) => {
      const [{ runSplitCheck }, { renderCheck }] = await Promise.all([
        import("../run-split-check.js"),
        import("../render-check.js"),
      ]);
      const result = await runSplitCheck(culprit, options, call);
      call.out(options.json ? `${JSON.stringify(result, null, 2)}\n` : renderCheck(result));
      finish(0);
    });
}
