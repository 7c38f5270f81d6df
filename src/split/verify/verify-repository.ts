// One split verified: a builder per lane, what is known from an earlier run, and what each commit may say of itself.
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import { compilerVersion } from "../../build/build-module.js";
import { headersIdentity } from "../../build/headers.js";
import { moduleRecipe, recipeKey, type ModuleRecipe } from "../../build/module-cache.js";
import { harnessFault } from "../../fault/fault.js";
import { treeMixer } from "../mix-trees.js";
import type { Cutting } from "../plan-split.js";
import { childrenCpuSeconds } from "./cpu-time.js";
import { commandBuilder, type CommandBuild } from "./command-builder.js";
import { kernelBuilder, type KernelBuild } from "./kernel-builder.js";
import { Lanes, type Front } from "./lanes.js";
import { Outcomes } from "./outcomes.js";
import { newWorkFolder, removeWork } from "./state-folder.js";
import { treeKey, type TreeBuilder } from "./tree-build.js";
import { verifySplit, type Verified, type VerifyProgress } from "./verify-split.js";

/** How trees are built: as the catalog says against a kernel, or with a command of the user's. */
export type BuildPlan =
  | ({
      kind: "kernel";
      /** The cache of built modules, where a step looks first. */
      cacheFolder: string;
    } & Omit<KernelBuild, "objectsFolder" | "jobs" | "keep">)
  | ({ kind: "command" } & CommandBuild);

export interface VerifyRequest {
  cutting: Cutting;
  names: { old: string; new: string };
  plan: BuildPlan;
  signal: AbortSignal;
  onProgress: (progress: VerifyProgress & { secondsLeft: number | undefined }) => void;
}

export interface VerifiedSplit extends Verified {
  builds: number;
  /** CPU time of all that was run for it, this run only. */
  cpuSeconds: number;
  elapsedSeconds: number;
  /** Trees that were built once more from nothing by the vendor's make alone, and gave the same module. */
  compared: number;
  /** Where the built modules lie, each in a folder named by its code. */
  modulesFolder: string;
  /** Whether what no compiler should see left the module as it was; undefined: it could not be told. */
  silent: "same-code" | "same-but-line-numbers" | "differs" | undefined;
}

/** Builds every tree between two. Killed and called again, it goes on where it was. */
export async function verifyRepository(request: VerifyRequest, state: string): Promise<VerifiedSplit> {
  const { cutting, plan, signal, names } = request;
  const [started, cpu] = [performance.now(), childrenCpuSeconds()];
  const outcomes = new Outcomes(join(state, "outcomes.jsonl"));
  const modulesFolder = join(state, "modules");
  const keep = (code: string, kos: readonly string[]): Promise<void> => keepFiles(modulesFolder, code, kos);
  const builders = await buildersOf({ plan, state }, { suffix: "", keep });
  const lanes = new Lanes(builders, outcomes, signal);
  let begun: number | undefined;
  try {
    const verified = await verifySplit({
      cutting,
      lanes,
      names,
      onProgress: (progress) => {
        begun ??= progress.left;
        const done = begun - progress.left;
        const seconds = (performance.now() - started) / 1000;
        request.onProgress({
          ...progress,
          secondsLeft: done > 0.02 ? (seconds / done) * progress.left : undefined,
        });
      },
    });
    await lanes.close();
    const compared = await compareWithWhole(request, { verified, state });
    const silent = await compareSilent(request, verified.codes, state);
    return {
      ...verified,
      silent,
      compared,
      modulesFolder,
      builds: lanes.builds,
      cpuSeconds: childrenCpuSeconds() - cpu,
      elapsedSeconds: (performance.now() - started) / 1000,
    };
  } finally {
    await lanes.close();
    await removeWork(state);
  }
}

/** All that an outcome depends on besides the tree. */
export async function stateKey(plan: BuildPlan): Promise<string[]> {
  if (plan.kind === "command")
    return ["command", plan.command, ...(plan.fixes ? [JSON.stringify(plan.fixes)] : [])];
  const recipeOf = await recipesOf(plan);
  return ["kernel", recipeKey(recipeOf(""))];
}

/** What decides a tree's module; a step that builds the same looks for it by that. */
export async function recipesOf({
  cc = "gcc",
  catalog,
  fixups,
  headers,
}: BuildPlan & { kind: "kernel" }): Promise<(tree: string) => ModuleRecipe> {
  const [identity, compiler] = [await headersIdentity(headers), await compilerVersion(cc)];
  const rest = { fixups, kernel: headers.release, headers: identity, compiler: `${cc}: ${compiler}` };
  return (tree) => moduleRecipe(catalog, { tree, ...rest });
}

async function buildersOf(
  { plan, state }: { plan: BuildPlan; state: string },
  {
    suffix,
    ...own
  }: { suffix: string } & Pick<KernelBuild, "flags" | "keep" | "isPlain"> & { jobs?: number },
): Promise<Record<Front, TreeBuilder>> {
  const make = async (front: Front): Promise<TreeBuilder> => {
    const folder = await newWorkFolder(state, front + suffix);
    if (plan.kind === "command") return commandBuilder(folder, plan);
    const jobs = Math.max(1, Math.floor(availableParallelism() / 2));
    return kernelBuilder(folder, { jobs, ...plan, ...own, objectsFolder: join(state, "objects") });
  };
  return { forward: await make("forward"), backward: await make("backward") };
}

/** Whether comments and blanks changed nothing: line numbers, which WARN_ON and others keep, move with them. */
async function compareSilent(
  { cutting, plan, signal }: VerifyRequest,
  codes: Verified["codes"],
  state: string,
): Promise<VerifiedSplit["silent"]> {
  if (cutting.silent.length === 0 || plan.kind === "command" || codes[0] === undefined) return undefined;
  if (codes[0] === codes[1]) return "same-code";
  const mix = treeMixer(cutting);
  const [before, after] = [mix(new Set()), mix(new Set(cutting.silent))].map((tree) => ({
    key: treeKey(tree),
    tree,
  }));
  const flags = ["-Wno-builtin-macro-redefined", "-D__LINE__=0"];
  const jobs = availableParallelism(); // only one lane works
  const builders = await buildersOf({ plan, state }, { suffix: "-lines", flags, jobs });
  const lanes = new Lanes(builders, new Outcomes(join(state, "lines.jsonl")), signal);
  try {
    // One after the other in one folder: what is compiled for the second is what differs, most often nothing.
    const [first, second] = [await lanes.build("forward", before!), await lanes.build("forward", after!)];
    if (first.kind !== "built" || second.kind !== "built") return undefined;
    return first.code === second.code ? "same-but-line-numbers" : "differs";
  } finally {
    await lanes.close();
  }
}

/**
 * The shorter ways of building are believed because they give the same module: where the lanes met, after all that each
 * had built in one folder, both trees are built once more from nothing. How many were; a fault when one differs.
 */
async function compareWithWhole(
  { cutting, plan, signal }: VerifyRequest,
  { verified, state }: { verified: Verified; state: string },
): Promise<number> {
  if (plan.kind === "command") return 0;
  const mix = treeMixer(cutting);
  const builders = await buildersOf({ plan, state }, { suffix: "-whole", isPlain: true });
  const lanes = new Lanes(builders, new Outcomes(join(state, "whole.jsonl")), signal);
  const applied = (count: number): Set<number> =>
    new Set([...cutting.silent, ...verified.groups.slice(0, count).flatMap(({ members }) => members)]);
  const places = { forward: verified.met, backward: Math.min(verified.met + 1, verified.groups.length) };
  try {
    const each = (["forward", "backward"] as const).map(async (front) => {
      const tree = mix(applied(places[front]));
      const outcome = await lanes.build(front, { key: treeKey(tree), tree });
      const code = verified.codes[places[front] + 1];
      if (outcome.kind === "built" && outcome.code === code) return;
      throw harnessFault(
        `tree ${places[front]} of the split is not what the vendor's make builds: ${outcome.kind === "built" ? "other code" : outcome.firstError}`,
        { hint: "please report this; tarbisect split --no-verify cuts without building" },
      );
    });
    await Promise.all(each);
    return each.length;
  } finally {
    await lanes.close();
  }
}

async function keepFiles(modulesFolder: string, code: string, kos: readonly string[]): Promise<void> {
  const folder = join(modulesFolder, code);
  if (existsSync(folder)) return;
  const part = await mkdtemp(join(await ensureFolder(modulesFolder), "part-"));
  for (const ko of kos) await copyFile(ko, join(part, basename(ko)));
  await rename(part, folder).catch(() => rm(part, { recursive: true, force: true })); // the other lane was quicker
}

async function ensureFolder(path: string): Promise<string> {
  await mkdir(path, { recursive: true });
  return path;
}
