import { Option } from "commander";
import { statuses } from "../../changes/filter-changes.js";
import type { DiffOptions } from "../run-diff.js";
import type { AddCommand } from "./index.js";

export const addDiff: AddCommand = (program, call, finish) => {
  program
    .command("diff")
    .argument("<old>", "a version, tag, commit or folder")
    .argument("<new>", "a version, tag, commit or folder")
    .description("say what changed between two releases, function by function")
    .option("--function <name>", "only units with this name, new or old; * stands for any text")
    .option("--file <file>", "only units in this file")
    .option("--topic <topic>", "only units of this topic of the catalog")
    .addOption(
      new Option("--status <status>", "only units that changed so, or whose change is of this class").choices(
        statuses,
      ),
    )
    .option("--path <path>", "compare this folder or file only")
    .option("--stat", "list the units, without their diffs")
    .option("--noise", "show the diffs of comments, blanks and moves too")
    .addOption(new Option("--format <format>").choices(["text", "markdown", "html", "json"]).default("text"))
    .option("--json", "the same as --format json")
    .option("-o, --output <file>", "write to a file")
    .option("--mail", "break the text at 72 columns")
    .option(
      "--driver <name>",
      "the catalog whose topics to use (default: as tarbisect.yaml says, else told from the files)",
    )
    .action(async (old: string, current: string, options: DiffOptions) => {
      const { runDiff } = await import("../run-diff.js");
      await runDiff([old, current], options, call);
      finish(0);
    });
};
