// One split verified: a builder per lane, what is known from an earlier run, and what each commit may say of itself.
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { treeMixer } from "../mix-trees.js";
import type { Cutting } from "../plan-split.js";
import { childrenCpuSeconds } from "./cpu-time.js";
import { commandBuilder } from "./command-builder.js";
import { kernelBuilder, type KernelBuild } from "./kernel-builder.js";
import { Lanes, type Front } from "./lanes.js";
import { Outcomes } from "./outcomes.js";
import { newWorkFolder, removeWork, splitFolder } from "./state-folder.js";
import { treeKey, type TreeBuilder } from "./tree-build.js";
import { verifySplit, type Verified, type VerifyProgress } from "./verify-split.js";

/** How trees are built: as the catalog says against a kernel, or with a command of the user's. */
export type BuildPlan =
  | ({ kind: "kernel" } & Omit<KernelBuild, "cacheFolder" | "jobs">)
  | { kind: "command"; command: string; timeoutMs: number };

export interface VerifyRequest {
  repository: string;
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
  /** Whether what no compiler should see left the module as it was; undefined: it could not be told. */
  silent: "same-code" | "same-but-line-numbers" | "differs" | undefined;
}

/** Builds every tree between two. Killed and called again, it goes on where it was. */
export async function verifyRepository(request: VerifyRequest): Promise<VerifiedSplit> {
  const { cutting, plan, signal, names } = request;
  const state = await splitFolder(request.repository, stateKey(request));
  const [started, cpu] = [performance.now(), childrenCpuSeconds()];
  const outcomes = new Outcomes(join(state, "outcomes.jsonl"));
  const builders = await buildersOf(plan, state, "");
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
    const silent = await compareSilent(request, verified.codes, state);
    return {
      ...verified,
      silent,
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
function stateKey({ plan }: VerifyRequest): string[] {
  if (plan.kind === "command") return ["command", plan.command];
  return [
    "kernel",
    plan.cc ?? "gcc",
    plan.headers.release,
    plan.headers.buildFolder,
    JSON.stringify([plan.catalog, plan.fixups]),
  ];
}

async function buildersOf(
  plan: BuildPlan,
  state: string,
  suffix: string,
  flags: string[] = [],
): Promise<Record<Front, TreeBuilder>> {
  const make = async (front: Front): Promise<TreeBuilder> => {
    const folder = await newWorkFolder(state, front + suffix);
    if (plan.kind === "command") return commandBuilder(folder, plan.command, plan.timeoutMs);
    const jobs = Math.max(1, Math.floor(availableParallelism() / 2));
    return kernelBuilder(folder, { ...plan, jobs, flags, cacheFolder: join(state, "objects") });
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
  const trees = [mix(new Set()), mix(new Set(cutting.silent))];
  const flags = ["-Wno-builtin-macro-redefined", "-D__LINE__=0"];
  const builders = await buildersOf(plan, state, "-lines", flags);
  const lanes = new Lanes(builders, new Outcomes(join(state, "lines.jsonl")), signal);
  try {
    const [before, after] = await Promise.all(
      (["forward", "backward"] as const).map((front, at) =>
        lanes.build(front, { key: treeKey(trees[at]!), tree: trees[at]! }),
      ),
    );
    if (before?.kind !== "built" || after?.kind !== "built") return undefined;
    return before.code === after.code ? "same-but-line-numbers" : "differs";
  } finally {
    await lanes.close();
  }
}
