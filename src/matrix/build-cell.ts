// One release built for one kernel, as the catalog says, with what the compiler said kept.
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BuildError } from "../build/build-errors.js";
import { buildModule, type BuildHeaders, type BuildResult } from "../build/build-module.js";
import { applyFixups } from "../build/fixups.js";
import {
  cacheModules,
  findCachedModules,
  moduleRecipe,
  recipeKey,
  type ModuleRecipe,
} from "../build/module-cache.js";
import type { Fixup } from "../catalog/catalog-shape.js";
import type { Catalog } from "../catalog/catalog.js";
import { copyTree } from "../step/copy-tree.js";
import type { BuildName, BuildRecord, BuildRecords } from "./build-record.js";

/** A release of the history. */
export interface MatrixRelease {
  version: string;
  commit: string;
  /** git's id of its tree. */
  tree: string;
}

/** What every cell of a table is built with. */
export interface BuildTools {
  repository: string;
  catalog: Catalog;
  cc: string;
  /** The compiler's own first line. */
  compiler: string;
  /** make -j of one cell. */
  jobs: number;
  timeoutMs: number;
  cacheFolder: string;
  records: BuildRecords;
  /** What failed in an earlier run is built again: the machine may have changed in what no key holds. */
  retry: boolean;
}

export interface CellBuild {
  release: MatrixRelease;
  headers: BuildHeaders;
  headersIdentity: string;
  fixups: readonly Fixup[];
}

/** Errors that are kept of a failed build: the first is told, the others help to see what else is missing. */
const keptErrors = 20;

/** The record of an earlier run, or undefined. */
export function knownBuild(tools: BuildTools, cell: CellBuild): Promise<BuildRecord | undefined> {
  return tools.records.read(nameOf(cell, recipeOf(tools, cell)));
}

/** What an earlier run built and need not be built again. */
export async function keptBuild(tools: BuildTools, cell: CellBuild): Promise<BuildRecord | undefined> {
  const known = await knownBuild(tools, cell);
  return tools.retry && known?.kind === "failed" ? undefined : known;
}

/**
 * Builds the cell and keeps what came of it; the module is kept where `step` finds it. A release that does not build is
 * a value; what this machine lacks is a harness fault, and nothing is kept of it.
 */
export async function buildCell(
  tools: BuildTools,
  cell: CellBuild,
  signal: AbortSignal,
): Promise<BuildRecord> {
  const recipe = recipeOf(tools, cell);
  const folder = await mkdtemp(join(tmpdir(), "tarbisect-cell-"));
  try {
    await copyTree(tools.repository, cell.release.commit, folder);
    const { record, log } = await buildIn(folder, { tools, cell, recipe, signal });
    await tools.records.write(nameOf(cell, recipe), record, log);
    return record;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Work {
  tools: BuildTools;
  cell: CellBuild;
  recipe: ModuleRecipe;
  signal: AbortSignal;
}

async function buildIn(folder: string, work: Work): Promise<{ record: BuildRecord; log: string }> {
  const { catalog, cacheFolder } = work.tools;
  const source = join(folder, catalog.sourceFolder);
  if (!existsSync(source)) {
    const firstError = `the release has no folder ${catalog.sourceFolder}`;
    return { record: { kind: "failed", fixups: [], firstError, errors: [], elapsedMs: 0 }, log: "" };
  }
  const applied = await applyFixups(source, work.cell.fixups);
  const fixups = applied.flatMap(({ fixup, files }) => (files.length > 0 ? [fixup.reason] : []));
  if ((await findCachedModules(cacheFolder, work.recipe)) !== undefined)
    return { record: { kind: "built", fixups, elapsedMs: 0 }, log: "built before\n" };
  const chunks: string[] = [];
  const result = await make(folder, {
    ...work,
    cflags: applied.flatMap(({ cflags }) => cflags),
    log: (text) => chunks.push(text),
  });
  const log = chunks.join("").replaceAll(folder, "SOURCE");
  if (result.kind === "failed")
    return { record: withoutPath(await failureOf(result, { fixups, source }), folder), log };
  await cacheModules(cacheFolder, work.recipe, result.kos);
  return { record: { kind: "built", fixups, elapsedMs: result.elapsedMs }, log };
}

function make(
  folder: string,
  { tools, cell, signal, cflags, log }: Work & { cflags: string[]; log: (text: string) => void },
): Promise<BuildResult> {
  const { catalog, cc, jobs, timeoutMs } = tools;
  return buildModule({ folder, catalog, headers: cell.headers, cflags, cc, jobs, timeoutMs, signal, log });
}

async function failureOf(
  { firstError, errors, elapsedMs }: Extract<BuildResult, { kind: "failed" }>,
  { fixups, source }: { fixups: string[]; source: string },
): Promise<BuildRecord> {
  const sourceLine = await lineAt(source, errors[0]);
  const kept = errors.slice(0, keptErrors);
  return {
    kind: "failed",
    fixups,
    firstError,
    errors: kept,
    ...(sourceLine !== undefined && { sourceLine }),
    elapsedMs,
  };
}

/** The copy has another name each time, and two failures that differ in it alone are one. */
function withoutPath(record: BuildRecord, folder: string): BuildRecord {
  return JSON.parse(JSON.stringify(record).replaceAll(folder, "SOURCE")) as BuildRecord;
}

async function lineAt(source: string, error: BuildError | undefined): Promise<string | undefined> {
  if (error?.file === undefined || error.line === undefined || error.file.startsWith("/")) return undefined;
  const text = await readFile(join(source, error.file), "latin1").catch(() => "");
  return text.split("\n")[error.line - 1]?.trimEnd();
}

function recipeOf(tools: BuildTools, { release, headers, headersIdentity, fixups }: CellBuild): ModuleRecipe {
  const { catalog, cc, compiler } = tools;
  return moduleRecipe(catalog, {
    tree: release.tree,
    kernel: headers.release,
    headers: headersIdentity,
    compiler: `${cc}: ${compiler}`,
    fixups,
  });
}

function nameOf({ release, headers }: CellBuild, recipe: ModuleRecipe): BuildName {
  return { release: release.version, kernel: headers.release, key: recipeKey(recipe) };
}
