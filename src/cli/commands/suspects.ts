import type { Tree } from "../../history/trees.js";
import type { AddCommand } from "./index.js";

interface SuspectsOptions {
  fixed?: string;
  trace: string[];
  top: string;
  json?: true;
}

export const addSuspects: AddCommand = (program, call, finish) => {
  program
    .command("suspects")
    .argument("<old>", "the good release: a version, tag, commit or folder")
    .argument("<new>", "the bad release")
    .description("rank the changed functions by what was seen")
    .option("--fixed <release>", "the first release that is good again")
    .option("--trace <file>", "a kernel log or memleak print of the failure; may be given again", collect, [])
    .option("--top <n>", "how many to print as text", "10")
    .option("--json", "print all of them as JSON")
    .action(async (old: string, current: string, options: SuspectsOptions) => {
      const [
        { usageFault },
        { openTree },
        { compareTrees },
        { readDifferingTrees, readTexts },
        { readTextFile },
      ] = await Promise.all([
        import("../../fault/fault.js"),
        import("../../history/trees.js"),
        import("../../changes/compare-trees.js"),
        import("../read-trees.js"),
        import("../read-text-file.js"),
      ]);
      const [{ readSource }, { readEvidence }, { buildCallGraph }, { rankSuspects }, { suspectsText }] =
        await Promise.all([
          import("../../source/source-file.js"),
          import("../../evidence/read-evidence.js"),
          import("../../suspects/call-graph.js"),
          import("../../suspects/rank-suspects.js"),
          import("../../suspects/suspects-text.js"),
        ]);
      const top = Number(options.top);
      if (!Number.isInteger(top) || top < 1) throw usageFault(`--top ${options.top} is not a count`);
      const traces = options.trace.map((file) => {
        const text = readTextFile(file, call.cwd);
        return { text, evidence: readEvidence(text) };
      });
      const [good, bad] = await Promise.all([openTree(old, call.cwd), openTree(current, call.cwd)]);
      const fixed = options.fixed === undefined ? undefined : await openTree(options.fixed, call.cwd);
      const compare = async (from: Tree, to: Tree) => {
        const { before, after } = await readDifferingTrees(from, to);
        return compareTrees(before, after);
      };
      const code = await readTexts(
        bad,
        [...bad.files.keys()].filter((path) => /\.[chS]$/.test(path)),
      );
      const files = [...code].map(([path, text]) => readSource(text, path));
      const suspects = rankSuspects({
        changes: await compare(good, bad),
        files,
        graph: buildCallGraph(files),
        traces,
        ...(fixed === undefined ? {} : { fix: await compare(bad, fixed) }),
      });
      const known = { traces: options.trace.length, fixed: fixed !== undefined, top };
      call.out(
        options.json ? `${JSON.stringify({ suspects }, undefined, 2)}\n` : suspectsText(suspects, known),
      );
      finish(0);
    });
};

function collect(file: string, files: readonly string[]): string[] {
  return [...files, file];
}
