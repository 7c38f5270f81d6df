import type { ChangeSet } from "../changes/change-set.js";
import { renderText, type TextOptions } from "../changes/change-text.js";
import { filterChanges } from "../changes/filter-changes.js";
import { openTrees } from "../history/trees.js";
import type { Call } from "./call.js";
import { checkPath, checkTopic } from "./check-filters.js";
import { chosenDriver } from "./chosen-driver.js";
import { putOut } from "./put-out.js";
import { topicsOfTree } from "./topics-of-tree.js";

export interface DiffOptions {
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

/** `tarbisect diff`: what changed between two trees, as text. Git is asked while the code that compares is loaded. */
export async function runDiff(
  names: readonly [string, string],
  options: DiffOptions,
  call: Call,
): Promise<void> {
  const format = options.json ? "json" : options.format;
  const [[before, after], { compareThroughCache }, render] = await Promise.all([
    openTrees(names, call.cwd),
    import("./comparison.js"),
    renderers[format](),
  ]);
  checkPath(options.path, [before!, after!]);
  const topics = await topicsOfTree(await chosenDriver(options.driver, call), after!.files.keys());
  const changes = await compareThroughCache(before!, after!, { env: call.env, path: options.path, topics });
  checkTopic(options.topic, Object.keys(topics), changes.units);
  const shown = filterChanges(changes, options);
  if (shown.units.length === 0 && changes.units.length > 0)
    call.note(`tarbisect: none of the ${changes.units.length} changed units is what the filters ask for\n`);
  const target = options.output;
  const colour = format === "text" && target === undefined && process.stdout.isTTY && !call.env.NO_COLOR;
  const columns = options.mail ? { columns: mailColumns } : {};
  const text = render(shown, { ...options, colour, ...columns });
  await putOut(call, text, { file: target, page: format === "text" });
}

type Renderer = (changes: ChangeSet, options: TextOptions) => string;

const renderers = {
  text: () => Promise.resolve(renderText),
  markdown: async () => (await import("../changes/change-markdown.js")).renderMarkdown,
  html: async () => {
    const [{ renderHtml }, { pageAssets }] = await Promise.all([
      import("../changes/change-html.js"),
      import("./page-assets.js"),
    ]);
    return (changes) => renderHtml(changes, pageAssets("diff"));
  },
  json: async () => (await import("../changes/change-json.js")).renderJson,
} satisfies Record<DiffOptions["format"], () => Promise<Renderer>>;
