import type { Tree } from "../../history/trees.js";
import type { SuspectsJson } from "../../suspects/suspects-shape.js";
import type { AddCommand } from "./index.js";

interface SuspectsOptions {
  fixed?: string;
  sibling?: string;
  trace: string[];
  top: string;
  json?: true;
}

export const addSuspects: AddCommand = (program, call, finish) => {
  program
    .command("suspects")
    .argument("<old>", "the good release: a version, tag, commit, folder or archive")
    .argument("<new>", "the bad release")
    .description("rank the changed functions by what was seen")
    .option("--fixed <release>", "the first release that is good again")
    .option("--trace <file>", "a kernel log or memleak print of the failure; may be given again", collect, [])
    .option(
      "--sibling <release>",
      "a driver with the same code (the kernel's own copy, another of the vendor): shows changes taken over in part",
    )
    .option("--top <n>", "how many to print as text", "10")
    .option("--json", "print all of them as JSON")
    .addHelpText("after", "\nExit codes: 0 the list was made, 129 the call is wrong or a file can't be read.")
    .action(async (old: string, current: string, options: SuspectsOptions) => {
      const [{ usageFault }, { openTrees }, { readTextFile }, { SourceIndex }, { readEvidence }] =
        await Promise.all([
          import("../../fault/fault.js"),
          import("../../history/trees.js"),
          import("../read-text-file.js"),
          import("../source-index.js"),
          import("../../evidence/read-evidence.js"),
        ]);
      const [
        { buildCallGraph },
        { findSuspects },
        { suspectsText },
        { baseRates },
        { compareReleases, codeOf },
      ] = await Promise.all([
        import("../../suspects/call-graph.js"),
        import("../../suspects/rank-suspects.js"),
        import("../../suspects/suspects-text.js"),
        import("../../suspects/base-rate.js"),
        import("../compare-releases.js"),
      ]);
      const top = Number(options.top);
      if (!Number.isInteger(top) || top < 1) throw usageFault(`--top ${options.top} is not a count`);
      const traces = options.trace.map((file) => {
        const text = readTextFile(file, call.cwd);
        return { text, evidence: readEvidence(text) };
      });
      const { fixed, sibling } = options;
      const names = [
        old,
        current,
        ...(fixed === undefined ? [] : [fixed]),
        ...(sibling === undefined ? [] : [sibling]),
      ];
      const [good, bad, ...others] = (await openTrees(names, call.cwd)) as [Tree, Tree, ...Tree[]];
      const index = new SourceIndex(call.env);
      const found = findSuspects({
        changes: await compareReleases(good, bad, index),
        graph: buildCallGraph(await codeOf(bad, index)),
        traces,
        ...(fixed === undefined ? {} : { fix: await compareReleases(bad, others[0]!, index) }),
        ...(sibling === undefined ? {} : { sibling: await codeOf(others.at(-1)!, index) }),
      });
      index.save();
      const json: SuspectsJson = {
        schemaVersion: 1,
        old: good.label,
        new: bad.label,
        ...(fixed === undefined ? {} : { fixed }),
        ...found,
        baseRate: [...baseRates],
      };
      const known = { traces: traces.length, fixed: fixed !== undefined, top };
      call.out(options.json ? `${JSON.stringify(json, undefined, 2)}\n` : suspectsText(found, known));
      finish(0);
    });
};

function collect(file: string, files: readonly string[]): string[] {
  return [...files, file];
}
