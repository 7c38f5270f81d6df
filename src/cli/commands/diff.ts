import { Option } from "commander";
import { filterChanges, statuses } from "../../changes/filter-changes.js";
import type { Tree } from "../../history/trees.js";
import type { AddCommand } from "./index.js";

interface DiffOptions {
  function?: string;
  file?: string;
  topic?: string;
  status?: string;
  path?: string;
  stat?: true;
  noise?: true;
  format: "text" | "markdown" | "html" | "json";
  json?: true;
  output?: string;
  mail?: true;
  driver?: string;
}

const mailColumns = 72;

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
      const format = options.json ? "json" : options.format;
      const [
        [before, after],
        { checkPath, checkTopic },
        { compareThroughCache },
        { topicsOfTree },
        { chosenDriver },
        { putOut },
        render,
      ] = await Promise.all([
        openBoth([old, current], call.cwd),
        import("../check-filters.js"),
        import("../comparison.js"),
        import("../topics-of-tree.js"),
        import("../chosen-driver.js"),
        import("../put-out.js"),
        renderers[format](),
      ]);
      checkPath(options.path, [before!, after!]);
      const topics = await topicsOfTree(await chosenDriver(options.driver, call), after!.files.keys());
      const changes = await compareThroughCache(before!, after!, {
        env: call.env,
        path: options.path,
        topics,
      });
      checkTopic(options.topic, Object.keys(topics), changes.units);
      const shown = filterChanges(changes, options);
      if (shown.units.length === 0 && changes.units.length > 0)
        call.note(
          `tarbisect: none of the ${changes.units.length} changed units is what the filters ask for\n`,
        );
      const target = options.output;
      const colour = format === "text" && target === undefined && process.stdout.isTTY && !call.env.NO_COLOR;
      const text = render(shown, {
        ...options,
        colour,
        ...(options.mail ? { columns: mailColumns } : {}),
      });
      await putOut(call, text, { file: target, page: format === "text" });
      finish(0);
    });
};

/** Git is asked while the rest of the code is loaded. */
async function openBoth(names: readonly string[], cwd: string): Promise<Tree[]> {
  const { openTrees } = await import("../../history/trees.js");
  return openTrees(names, cwd);
}

type Renderer = (
  changes: import("../../changes/change-set.js").ChangeSet,
  options: import("../../changes/change-text.js").TextOptions,
) => string;

const renderers = {
  text: async () => (await import("../../changes/change-text.js")).renderText,
  markdown: async () => (await import("../../changes/change-markdown.js")).renderMarkdown,
  html: async () => {
    const [{ renderHtml }, { pageAssets }] = await Promise.all([
      import("../../changes/change-html.js"),
      import("../page-assets.js"),
    ]);
    return (changes) => renderHtml(changes, pageAssets("diff"));
  },
  json: async () => (await import("../../changes/change-json.js")).renderJson,
} satisfies Record<DiffOptions["format"], () => Promise<Renderer>>;
