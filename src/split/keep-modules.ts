// What was built for a split is what a bisect will load: each commit's module goes where a step looks for it.
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { cacheModules, findCachedModules } from "../build/module-cache.js";
import { runChecked } from "../host/run-command.js";
import { recipesOf, type BuildPlan } from "./verify/verify-repository.js";

export interface KeepInput {
  repository: string;
  /** The branch's commits, and what each one's module does, in the same order. */
  commits: readonly string[];
  codes: readonly (string | undefined)[];
  plan: BuildPlan;
  /** Where the modules lie, in folders named by what they do. */
  modulesFolder: string;
}

/** How many commits have their module in the cache of built modules now. */
export async function keepModules({ plan, ...input }: KeepInput): Promise<number> {
  if (plan.kind === "command") return 0;
  const { cacheFolder, catalog } = plan;
  const recipeOf = await recipesOf(plan);
  let kept = 0;
  for (const [at, tree] of (await treesOf(input.repository, input.commits)).entries()) {
    const recipe = recipeOf(tree);
    const folder = join(input.modulesFolder, input.codes[at] ?? "none");
    const isThere = (await findCachedModules(cacheFolder, recipe)) !== undefined;
    if (!isThere && !existsSync(folder)) continue;
    if (!isThere) await cacheModules(cacheFolder, recipe, await filesIn(folder, catalog.module));
    kept++;
  }
  return kept;
}

async function treesOf(repository: string, commits: readonly string[]): Promise<string[]> {
  const names = commits.map((commit) => `${commit}^{tree}`);
  const ids = await runChecked(["git", "rev-parse", ...names], { cwd: repository });
  return ids.toString().trim().split("\n");
}

/** The wanted module first. */
async function filesIn(folder: string, wanted: string): Promise<string[]> {
  const names = (await readdir(folder)).sort();
  return names
    .sort((a, b) => Number(b === `${wanted}.ko`) - Number(a === `${wanted}.ko`))
    .map((name) => join(folder, name));
}
