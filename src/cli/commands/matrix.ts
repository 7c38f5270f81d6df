import { Option } from "commander";
import type { Matrix } from "../../matrix/matrix.js";
import type { MatrixOptions } from "../run-matrix.js";
import { exitCodeOfBlame } from "../exit-code.js";
import type { AddCommand } from "./index.js";

interface Flags extends MatrixOptions {
  format: "text" | "markdown" | "html" | "json";
  json?: true;
  output?: string;
}

export const addMatrix: AddCommand = (program, call, finish) => {
  program
    .command("matrix")
    .description(
      "the table of releases and kernels: what builds on what, what would mend the rest, and what fails under load",
    )
    .requiredOption(
      "--kernels <list>",
      "with commas: series (6.1), releases, folders; in-tree adds the kernels' own driver as a row",
    )
    .option(
      "--releases <list>",
      "versions and ranges (2.11.29..2.14.13) with commas (default: all of the history)",
    )
    .option(
      "--driver <name>",
      "the catalog that says how to build, with its fixups (default: as tarbisect.yaml says, else told from the files)",
    )
    .option("--build-only", "build, load nothing")
    .option(
      "--try <list>",
      "load and stress only these of the releases, in-tree too (default: all that build)",
    )
    .option(
      "--settings <key=values>",
      "compare settings: ntuple=on,off, ring.rx=64,512; may be repeated, and multiplies the cells",
      (text: string, before: string[]) => [...before, text],
      [],
    )
    .option("--config <file>", "the settings of the trials; left out: tarbisect.yaml here or above")
    .option(
      "--prove-fixups",
      "build once more without the fixups where they are at work, to tell what they won",
    )
    .option("--no-try-fixups", "suggest what would mend a failure without building with it")
    .option("--known", "build and test nothing; show what earlier runs found")
    .addOption(new Option("--retry", "build again what did not build in an earlier run").conflicts("known"))
    .option("--parallel <n>", "builds at once (default: one per processor)")
    .option("--cc <compiler>", "the compiler", "gcc")
    .option("--build-timeout <time>", "the longest that one build may take", "30m")
    .addOption(new Option("--format <format>").choices(["text", "markdown", "html", "json"]).default("text"))
    .option("--json", "the same as --format json")
    .option("-o, --output <file>", "write to a file")
    .addHelpText(
      "after",
      "\nEach cell is kept when it ends: the same command goes on after Ctrl-C or a power loss.",
    )
    .action(async (flags: Flags) => {
      const [{ runMatrix }, { putOut }] = await Promise.all([
        import("../run-matrix.js"),
        import("../put-out.js"),
      ]);
      const { matrix, faults } = await runMatrix(flags, call);
      const format = flags.json ? "json" : flags.format;
      await putOut(call, await renderers[format](matrix), { file: flags.output, page: format === "text" });
      finish(faults > 0 ? exitCodeOfBlame.harness : 0);
    });
};

const renderers = {
  text: async (matrix) => (await import("../../report/render-matrix.js")).renderMatrixText(matrix),
  markdown: async (matrix) => (await import("../../report/render-matrix.js")).renderMatrixMarkdown(matrix),
  html: async (matrix) => {
    const [{ renderMatrixHtml }, { pageAssets }] = await Promise.all([
      import("../../report/render-matrix.js"),
      import("../page-assets.js"),
    ]);
    return renderMatrixHtml(matrix, pageAssets("report"));
  },
  json: async (matrix) => (await import("../../report/render-matrix.js")).renderMatrixJson(matrix),
} satisfies Record<Flags["format"], (matrix: Matrix) => Promise<string>>;
