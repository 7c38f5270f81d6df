// The table of releases and kernels: who is asked for, what is built, what would mend what does not build.
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { compilerVersion } from "../build/build-module.js";
import { listUnpackedKernels } from "../build/kernels.js";
import { loadCatalog, shippedDrivers, type Catalog } from "../catalog/catalog.js";
import type { Fixup } from "../catalog/catalog-shape.js";
import { usageFault } from "../fault/fault.js";
import { cacheFolder } from "../host/cache-folder.js";
import { runChecked } from "../host/run-command.js";
import type { BuildTools, MatrixRelease } from "../matrix/build-cell.js";
import { buildRecords } from "../matrix/build-record.js";
import { chooseReleases, inTree } from "../matrix/choose-releases.js";
import { findShippedModule } from "../matrix/in-tree-module.js";
import { groupFailures, type Matrix, type MatrixCell } from "../matrix/matrix.js";
import { openKernels, type MatrixKernel } from "../matrix/matrix-kernels.js";
import { runBuilds } from "../matrix/run-builds.js";
import { settingsChoices } from "../matrix/settings-choices.js";
import { suggestAll } from "../matrix/suggest.js";
import { repositoryAround } from "../step/commit-under-test.js";
import { durationMs } from "../step/duration.js";
import { hideFromGit } from "../step/evidence-folder.js";
import type { Call } from "./call.js";
import { chosenDriver } from "./chosen-driver.js";
import { matrixProgress } from "./matrix-progress.js";
import { catalogOf } from "./plan-build.js";
import { onTarget } from "./one-target.js";
import { readSettings } from "./settings.js";
import type { Settings } from "./settings-shape.js";
import { tryCells } from "./try-cells.js";
import { releaseTags } from "./release-tags.js";

export interface MatrixOptions {
  kernels: string;
  releases?: string;
  driver?: string;
  cc: string;
  buildTimeout: string;
  parallel?: string;
  proveFixups?: true;
  known?: true;
  retry?: true;
  tryFixups: boolean;
  buildOnly?: true;
  /** Releases that are tried; left out: all. */
  try?: string;
  settings: string[];
  config?: string;
}

export interface MatrixResult {
  matrix: Matrix;
  /** Cells that a fault of the harness left untested. */
  faults: number;
}

/** Usage faults: an unknown release, kernel or driver. A release that does not build is a cell, never a fault. */
export async function runMatrix(options: MatrixOptions, call: Call): Promise<MatrixResult> {
  const choices = settingsChoices(options.settings);
  const settings = trialSettings(options, call);
  const { repository, ownFolder } = await repositoryAround(call.cwd);
  const tags = (await releaseTags(repository)).map(({ tag }) => tag.slice(1));
  const chosen = chooseReleases(options.releases, tags);
  const releases = await readReleases(repository, chosen.releases);
  const catalog = await catalogFor(
    repository,
    releases.at(-1),
    await chosenDriver(options.driver ?? settings?.driver, call),
  );
  const cache = cacheFolder(call.env);
  const kernelOptions = { cacheFolder: cache, signal: call.signal, note: call.note };
  const { kernels, ...asked } = await openKernels(options.kernels, {
    ...kernelOptions,
    withModules: chosen.inTree,
  });
  const withInTree = chosen.inTree || asked.inTree;
  const lanes = lanesOf(options.parallel);
  const tools: BuildTools = {
    repository,
    catalog,
    cc: options.cc,
    compiler: await compilerVersion(options.cc),
    jobs: Math.max(1, Math.floor(availableParallelism() / lanes)),
    timeoutMs: durationMs(options.buildTimeout),
    cacheFolder: cache,
    records: buildRecords(join(ownFolder, "matrix/builds")),
    retry: options.retry === true,
  };
  const progress = matrixProgress(call.note);
  const onlyKnown = options.known === true;
  const plan = { tools, releases, kernels, lanes, signal: call.signal, ...progress };
  await hideFromGit(ownFolder);
  const cells = await runBuilds({ ...plan, proveFixups: options.proveFixups === true, onlyKnown });
  const ownModule = settings?.load?.inTree ?? catalog.module;
  const shipped = withInTree ? await inTreeCells(kernels, ownModule, cache) : [];
  const failures = await suggestAll(
    {
      ...plan,
      compared: await comparedKernels(kernels, kernelOptions),
      fixups: await allFixups(catalog),
      tries: options.tryFixups && !onlyKnown,
    },
    groupFailures(cells),
  );
  const matrix: Matrix = {
    driver: catalog.driver,
    kernels: kernels.map(({ release }) => release),
    releases: [...(withInTree ? [inTree] : []), ...chosen.releases],
    cells: [...shipped, ...cells],
    failures,
    settings: [],
    trials: [],
  };
  if (settings === undefined) return { matrix, faults: 0 };
  const tried = options.try === undefined ? matrix.releases : chooseTried(options.try, tags);
  const trials = await tryCells(matrix, {
    ...{ settings, repository, ownFolder, releases, call, choices, onlyKnown },
    tried: new Set(tried),
  });
  const labels = choices.map(({ label }) => label);
  return { matrix: { ...matrix, settings: labels, trials: trials.cells }, faults: trials.faults };
}

/** The settings of the trials; undefined for builds alone. */
function trialSettings(options: MatrixOptions, call: Call): Settings | undefined {
  if (options.buildOnly) return undefined;
  const flags = options.config === undefined ? {} : { config: options.config };
  const { path, settings } = readSettings({ cwd: call.cwd, env: call.env, flags });
  if (settings.target !== undefined) return onTarget(settings, settings.target);
  throw usageFault(
    `${path} names no target to try the releases on`,
    "--build-only, or hosts and target; see tarbisect init",
  );
}

function chooseTried(text: string, tags: readonly string[]): string[] {
  const { releases, inTree: withInTree } = chooseReleases(text, tags);
  return [...(withInTree ? [inTree] : []), ...releases];
}

async function readReleases(repository: string, versions: readonly string[]): Promise<MatrixRelease[]> {
  if (versions.length === 0) return [];
  const idsOf = async (what: string): Promise<string[]> => {
    const names = versions.map((version) => `refs/tags/v${version}^{${what}}`);
    const ids = await runChecked(["git", "rev-parse", ...names], { cwd: repository });
    return ids.toString().trim().split("\n");
  };
  const [commits, trees] = [await idsOf("commit"), await idsOf("tree")];
  return versions.map((version, at) => ({ version, commit: commits[at]!, tree: trees[at]! }));
}

async function catalogFor(
  repository: string,
  newest: MatrixRelease | undefined,
  named: string | undefined,
): Promise<Catalog> {
  const listing =
    newest === undefined
      ? ""
      : (
          await runChecked(["git", "ls-tree", "-r", "--name-only", newest.commit], { cwd: repository })
        ).toString();
  const catalog = await catalogOf(named, listing.split("\n"));
  if (catalog !== undefined) return catalog;
  throw usageFault(
    "nobody said how to build this: it is no driver that tarbisect knows",
    "--driver with a catalog's path",
  );
}

function lanesOf(text: string | undefined): number {
  if (text === undefined) return availableParallelism();
  if (!/^[1-9]\d?$/.test(text))
    throw usageFault(`"${text}" is no number of builds`, "--parallel takes 1 to 99");
  return Number(text);
}

/** The kernels' own modules. */
async function inTreeCells(
  kernels: readonly MatrixKernel[],
  module: string,
  cache: string,
): Promise<MatrixCell[]> {
  return Promise.all(
    kernels.map(async ({ release }) => {
      const path = await findShippedModule(release, module, cache);
      return {
        release: inTree,
        kernel: release,
        build: path === undefined ? { kind: "not-shipped" as const } : { kind: "shipped" as const, path },
        withoutFixups: undefined,
      };
    }),
  );
}

/** The table's kernels, and those that are unpacked already: the nearer two are, the less lies between them. */
async function comparedKernels(
  kernels: readonly MatrixKernel[],
  options: { cacheFolder: string; signal: AbortSignal },
): Promise<MatrixKernel[]> {
  const known = new Set(kernels.map(({ release }) => release));
  const others = (await listUnpackedKernels(options.cacheFolder)).filter((release) => !known.has(release));
  if (others.length === 0) return [...kernels];
  return [...kernels, ...(await openKernels(others.join(","), options)).kernels];
}

/** Of this driver and of every shipped one. */
async function allFixups(own: Catalog): Promise<Fixup[]> {
  const shipped = await Promise.all(shippedDrivers().map((driver) => loadCatalog(driver)));
  return [own, ...shipped.filter(({ driver }) => driver !== own.driver)].flatMap(({ fixups }) => fixups);
}
