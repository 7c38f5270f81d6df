// How `split` builds each commit: the user's command, or the driver's catalog against one kernel.
import { existsSync } from "node:fs";
import { release } from "node:os";
import { resolve } from "node:path";
import type { BuildHeaders } from "../build/build-module.js";
import { loadCatalog, shippedDrivers, type Catalog } from "../catalog/catalog.js";
import { fixupsFor } from "../build/fixups.js";
import { headersAt } from "../build/headers.js";
import { ensureKernel } from "../build/kernels.js";
import { usageFault } from "../fault/fault.js";
import { cacheFolder } from "../host/cache-folder.js";
import type { BuildPlan } from "../split/verify/verify-repository.js";
import type { Call } from "./call.js";
import { durationMs } from "../step/duration.js";

export interface BuildOptions {
  /** A command for sh -c, instead of a catalog's recipe. */
  build?: string;
  driver?: string;
  kernel?: string;
  kernelHeaders?: string;
  cc?: string;
  buildTimeout: string;
}

export interface Ends {
  /** Versions of the two releases, for their fixups. */
  versions: readonly string[];
  /** Paths of the newer one's files. */
  paths: Iterable<string>;
}

/** Usage faults: no catalog, no kernel headers, a mistyped time. */
export async function planBuild(options: BuildOptions, ends: Ends, call: Call): Promise<BuildPlan> {
  if (!/^[1-9]\d{0,5}[smh]$/.test(options.buildTimeout))
    throw usageFault(`"${options.buildTimeout}" is no time`, "write it like 90s, 15m or 2h");
  const timeoutMs = durationMs(options.buildTimeout);
  if (options.build !== undefined)
    return { kind: "command", command: options.build, timeoutMs, ...(await fixesOf(options, ends)) };
  const catalog = await catalogOf(options.driver, ends.paths);
  if (catalog === undefined)
    throw usageFault(
      "nobody said how to build this: it is no driver that tarbisect knows",
      "--build with a command, --driver with a catalog, or --no-verify",
    );
  const headers = await headersOf(options, call);
  const { cc } = options;
  return {
    kind: "kernel",
    catalog,
    headers,
    fixups: fixupsFor(catalog, ends.versions, headers.release),
    timeoutMs,
    cacheFolder: cacheFolder(call.env),
    ...(cc !== undefined && { cc }),
  };
}

/** As in a step: a command of the user's gets the fixups of the driver that was named, and of no other. */
async function fixesOf(
  { driver, kernel = release() }: BuildOptions,
  { versions }: Ends,
): Promise<Pick<BuildPlan & { kind: "command" }, "fixes">> {
  if (driver === undefined) return {};
  const { sourceFolder, fixups } = await loadCatalog(driver);
  return { fixes: { sourceFolder, fixups: fixupsFor({ fixups }, versions, kernel) } };
}

/** The named catalog, else the shipped one whose module's main file is in the tree. */
export async function catalogOf(
  named: string | undefined,
  paths: Iterable<string>,
): Promise<Catalog | undefined> {
  if (named !== undefined) return loadCatalog(named);
  const names = new Set([...paths].map((path) => path.split("/").at(-1)!));
  const shipped = await Promise.all(shippedDrivers().map((driver) => loadCatalog(driver)));
  return shipped.find(({ module }) => names.has(`${module}_main.c`) || names.has(`${module}.c`));
}

async function headersOf({ kernel, kernelHeaders }: BuildOptions, call: Call): Promise<BuildHeaders> {
  if (kernelHeaders !== undefined) return headersAt(resolve(call.cwd, kernelHeaders));
  const running = `/lib/modules/${kernel ?? release()}/build`;
  if (existsSync(running)) return headersAt(running);
  if (kernel === undefined)
    throw usageFault(
      `there are no headers of the running kernel ${release()}`,
      "--kernel 6.1, or --no-verify",
    );
  const options = { cacheFolder: cacheFolder(call.env), signal: call.signal, note: call.note };
  const unpacked = await ensureKernel(kernel, options);
  if (unpacked.headers === undefined) throw usageFault(`the kernel in "${kernel}" has no headers`);
  return headersAt(unpacked.headers);
}
