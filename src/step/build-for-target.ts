// A commit's module for the kernel that the target runs: from the cache, by make here or there, or by the user's command.
import { mkdtemp, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildModule, compilerVersion, type BuildHeaders } from "../build/build-module.js";
import { applyFixups, fixupsFor } from "../build/fixups.js";
import { headersIdentity } from "../build/headers.js";
import { cacheModules, findCachedModules, moduleRecipe, type ModuleRecipe } from "../build/module-cache.js";
import { readModuleFile } from "../build/module-file.js";
import type { Fixup } from "../catalog/catalog-shape.js";
import type { Catalog } from "../catalog/catalog.js";
import { harnessFault } from "../fault/fault.js";
import { runChecked } from "../host/run-command.js";
import { buildOnTarget, describeTargetBuild } from "./build-on-target.js";
import type { CommitUnderTest } from "./commit-under-test.js";
import { copyTree } from "./copy-tree.js";
import { durationMs } from "./duration.js";
import { openBoundedLog, type BoundedLog } from "./bounded-log.js";
import { findHeaders } from "./find-headers.js";
import type { BuiltModule } from "./load-module.js";
import type { BuildSettings } from "./module-settings.js";
import { runOwnBuild } from "./own-build.js";
import type { TrialHost, TrialIo } from "./trial-hosts.js";

export type BuildOutcome =
  { kind: "built"; modules: BuiltModule[]; cached: boolean } | { kind: "failed"; detail: string };

export interface BuildPlan {
  catalog: Catalog;
  settings: BuildSettings;
  /** The top-level `kernel` of the settings. */
  kernel: string | undefined;
  cacheFolder: string;
  /** Whether make gives way to all else that runs here. */
  isNice?: boolean;
}

/** What a build is made from, wherever it runs. */
export interface BuildPlace {
  headers: BuildHeaders;
  /** What tells two header trees of one release apart. */
  headersIdentity: string;
  /** The compiler's own first line. */
  compiler: string;
}

/** Everything that a way of building is given. */
export interface BuildJob extends BuildPlan {
  under: CommitUnderTest;
  host: TrialHost;
  place: BuildPlace;
  /** The source's copy on this machine, fixups applied. */
  folder: string;
  cflags: readonly string[];
  log: BoundedLog;
}

/** How a way of building ended; the .ko files lie on this machine. */
export type MadeModules = { kind: "built"; kos: string[] } | { kind: "failed"; detail: string };

/** Builds for the kernel `running`; missing headers, make or compiler and a full disk are harness faults. */
export async function buildForTarget(
  plan: BuildPlan,
  at: { under: CommitUnderTest; host: TrialHost; running: string },
  io: TrialIo,
): Promise<BuildOutcome> {
  const place =
    plan.settings.on === "target"
      ? await describeTargetBuild(at.host, at.running, plan.settings)
      : await describeBuildHere(plan, at.running, io);
  const fixups = fixupsFor(plan.catalog, at.under.releases, at.running);
  const recipe = await recipeOf(plan, { ...at, place, fixups });
  // A command of the user's own, and a build on the target, write build.log themselves.
  const plain = plan.settings.run === undefined && plan.settings.on === "here";
  const log = openBoundedLog(join(io.evidence, plain ? "build.log" : "prepare.log"));
  const folder = await mkdtemp(join(tmpdir(), "tarbisect-source-"));
  try {
    // What else a command of the user's own reads is not known here: it is always run.
    const cached =
      plan.settings.run === undefined ? await findCachedModules(plan.cacheFolder, recipe) : undefined;
    if (cached !== undefined) {
      log.add(Buffer.from(`taken from an earlier build: ${cached[0] ?? ""}\n`));
      return { kind: "built", modules: await readModules(cached), cached: true };
    }
    await copyTree(at.under.repository, at.under.commit, folder);
    const cflags = await fixSource(folder, { catalog: plan.catalog, fixups, log });
    const made = await make({ ...plan, ...at, place, folder, cflags, log }, io);
    if (made.kind === "failed") return made;
    const kept = await cacheModules(plan.cacheFolder, recipe, made.kos);
    return { kind: "built", modules: await readModules(kept), cached: false };
  } finally {
    log.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function make(job: BuildJob, io: TrialIo): Promise<MadeModules> {
  if (job.settings.on === "target") return buildOnTarget(job, io);
  if (job.settings.run !== undefined) return runOwnBuild(job, job.settings.run, io);
  const built = await buildModule({
    folder: job.folder,
    catalog: job.catalog,
    headers: job.place.headers,
    cflags: job.cflags,
    cc: job.settings.cc,
    jobs: job.settings.jobs,
    isNice: job.isNice ?? false,
    timeoutMs: durationMs(job.settings.timeout),
    signal: io.signal,
    log: (text) => job.log.add(Buffer.from(text)),
  });
  return built.kind === "built" ? built : { kind: "failed", detail: built.firstError };
}

async function describeBuildHere(plan: BuildPlan, running: string, io: TrialIo): Promise<BuildPlace> {
  if (plan.settings.run !== undefined) {
    const headers = { release: running, buildFolder: "", sourceFolder: "" };
    return { headers, headersIdentity: "", compiler: "" };
  }
  const headers = await findHeaders(running, { wanted: plan.kernel, cacheFolder: plan.cacheFolder }, io);
  return {
    headers,
    headersIdentity: await headersIdentity(headers),
    compiler: await compilerVersion(plan.settings.cc),
  };
}

async function recipeOf(
  { catalog, settings }: BuildPlan,
  at: { under: CommitUnderTest; place: BuildPlace; fixups: readonly Fixup[] },
): Promise<ModuleRecipe> {
  const { repository, commit } = at.under;
  const tree = await runChecked(["git", "rev-parse", `${commit}^{tree}`], { cwd: repository });
  return moduleRecipe(catalog, {
    tree: tree.toString().trim(),
    kernel: at.place.headers.release,
    headers: at.place.headersIdentity,
    compiler: `${settings.cc}: ${at.place.compiler}`,
    fixups: at.fixups,
  });
}

/** Applies the fixups to the copy; gives the compiler's flags. */
async function fixSource(
  copy: string,
  { catalog, fixups, log }: { catalog: Catalog; fixups: readonly Fixup[]; log: BoundedLog },
): Promise<string[]> {
  const folder = join(copy, catalog.sourceFolder);
  if (!existsSync(folder))
    throw harnessFault(
      `the commit has no folder ${catalog.sourceFolder}, where ${catalog.driver} has its source`,
      { hint: "is driver in tarbisect.yaml the one of this repository?" },
    );
  const applied = await applyFixups(folder, fixups);
  for (const { fixup, problem } of applied)
    log.add(
      Buffer.from(`fixup: ${fixup.reason}${problem === undefined ? "" : ` (does nothing: ${problem})`}\n`),
    );
  return applied.flatMap(({ cflags }) => cflags);
}

async function readModules(kos: readonly string[]): Promise<BuiltModule[]> {
  return Promise.all(kos.map(async (path) => ({ path, file: await readModuleFile(path) })));
}
