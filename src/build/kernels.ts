// Kernels to build against and to boot, from the distribution's packages by name, several side by side in the cache.
import { existsSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  checkKernelVersion,
  compareReleases,
  defaultKernel,
  listOfferedKernels,
  newestOf,
  noKernel,
  packagesOf,
} from "./kernel-packages.js";
import { kernelAt, unpackKernel, type Kernel, type UnpackOptions } from "./kernel-tree.js";

export interface KernelOptions extends UnpackOptions {
  /** tarbisect's cache; kernels lie in kernels/ below it. */
  cacheFolder: string;
}

/**
 * The kernel that `version` names, unpacked when it was not yet. A version is a release ("6.1.0-56-amd64", the suffix
 * may be left out), a series ("6.1": the newest one already unpacked, so that a bisect does not change its kernel
 * when apt's lists do, else the newest offered), a folder with a slash in its name that holds boot/ and lib/modules/,
 * or undefined for the distribution's default. Needs no root. Usage fault: no such kernel; harness fault: the download.
 */
export async function ensureKernel(version: string | undefined, options: KernelOptions): Promise<Kernel> {
  if (version?.includes("/")) return kernelAt(resolve(version));
  if (version !== undefined) checkKernelVersion(version);
  const unpacked = await listUnpackedKernels(options.cacheFolder);
  const known = version === undefined ? undefined : newestOf(version, unpacked);
  const release = known ?? (await findOffered(version, options.signal));
  const folder = join(kernelsFolder(options.cacheFolder), release);
  if (!existsSync(folder)) {
    await mkdir(kernelsFolder(options.cacheFolder), { recursive: true });
    await unpackKernel(folder, await packagesOf(release, options.signal), options);
  }
  return kernelAt(folder);
}

/** The releases in the cache, oldest first. */
export async function listUnpackedKernels(cacheFolder: string): Promise<string[]> {
  const names = await readdir(kernelsFolder(cacheFolder)).catch(() => []);
  return names.filter((name) => !name.endsWith(".part")).sort(compareReleases);
}

async function findOffered(version: string | undefined, signal?: AbortSignal): Promise<string> {
  if (version === undefined) return defaultKernel(signal);
  const release = newestOf(version, await listOfferedKernels(signal));
  if (release === undefined) throw noKernel(version);
  return release;
}

function kernelsFolder(cacheFolder: string): string {
  return join(cacheFolder, "kernels");
}
