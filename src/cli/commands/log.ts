import type { AddCommand } from "./index.js";

export const addLog: AddCommand = (program, call, finish) => {
  program
    .command("log")
    .argument("<function>", "a function's name, in the newest release that has it")
    .description("every release that changed a function, newest first, following moves and renames")
    .option("--stat", "list the releases, without the diffs")
    .option("--json", "print the list as JSON")
    .action(async (name: string, options: { stat?: true; json?: true }) => {
      const [
        { openTrees },
        { functionLog },
        { logRelease },
        { SourceIndex },
        { releaseTags },
        { describeChange, placeOf },
        text,
      ] = await Promise.all([
        import("../../history/trees.js"),
        import("../../changes/function-log.js"),
        import("../log-releases.js"),
        import("../source-index.js"),
        import("../release-tags.js"),
        import("../../changes/group-changes.js"),
        import("../../changes/change-text.js"),
      ]);
      const { usageFault } = await import("../../fault/fault.js");
      const tags = await releaseTags(call.cwd);
      const trees = await openTrees(
        tags.map(({ tag }) => tag),
        call.cwd,
      );
      const index = new SourceIndex(call.env);
      const entries = await functionLog(name, tags.length, (at) =>
        Promise.resolve(logRelease(trees[at]!, index)),
      );
      index.save();
      if (entries.length === 0)
        throw usageFault(
          `no release of this history has a function "${name}"`,
          "tarbisect functions HEAD lists them; tarbisect import makes a history",
        );
      const { renderDiff, visibleText } = text;
      if (options.json) {
        const releases = entries.map(({ at, changes }) => ({
          ...tags[at]!,
          changes: changes.map((change) => ({ ...change, oldText: undefined, newText: undefined })),
        }));
        call.out(`${JSON.stringify({ schemaVersion: 1, function: name, releases }, undefined, 2)}\n`);
      } else
        for (const { at, changes } of entries)
          for (const change of changes) {
            const { tag, date } = tags[at]!;
            call.out(`${tag} ${date} ${visibleText(`${placeOf(change)} ${describeChange(change)}`)}\n`);
            if (!options.stat && change.status !== "added") call.out(`${renderDiff(change)}\n\n`);
          }
      finish(0);
    });
};
