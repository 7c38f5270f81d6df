// Kernels to build against and to boot, from the distribution's packages by name, several side by side in the cache.
import { existsSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { usageFault } from "../fault/fault.js";
import {
  checkKernelVersion,
  compareReleases,
  defaultKernel,
  listOfferedKernels,
  newestOf,
  noKernel,
  packagesOf,
} from "./kernel-packages.js";
import type { BuildHeaders } from "./build-module.js";
import { headersAt } from "./headers.js";
import { kernelAt, unpackKernel, type Kernel, type UnpackOptions } from "./kernel-tree.js";

const modulesFolder = "/lib/modules";

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

/**
 * The headers that `version` names, to build against: installed ones of that version come before unpacked ones, and a
 * folder may hold headers alone. Faults as for `ensureKernel`.
 */
export async function ensureHeaders(version: string, options: KernelOptions): Promise<BuildHeaders> {
  if (version.includes("/") && !existsSync(join(resolve(version), "boot")))
    return headersAt(resolve(version));
  if (!version.includes("/")) {
    checkKernelVersion(version);
    const installed = await listInstalledHeaders();
    const unpacked = await listUnpackedKernels(options.cacheFolder);
    const release = newestOf(version, [...new Set([...installed, ...unpacked])].sort(compareReleases));
    if (release !== undefined && installed.includes(release))
      return headersAt(join(modulesFolder, release, "build"));
  }
  const kernel = await ensureKernel(version, options);
  if (kernel.headers === undefined)
    throw usageFault(
      `the kernel in "${version}" has no headers`,
      "give a folder with usr/src/linux-headers-*",
    );
  return headersAt(kernel.headers);
}

async function listInstalledHeaders(): Promise<string[]> {
  const names = await readdir(modulesFolder).catch(() => []);
  return names.filter((name) =>
    existsSync(join(modulesFolder, name, "build/include/generated/utsrelease.h")),
  );
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
