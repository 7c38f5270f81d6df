// The kernels of a table: what is built against, and whether its own driver is a row.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { BuildHeaders } from "../build/build-module.js";
import { ensureHeaders, ensureKernel, type KernelOptions } from "../build/kernels.js";
import { usageFault } from "../fault/fault.js";
import { headersIdentity } from "../build/headers.js";
import { inTree } from "./choose-releases.js";

export interface MatrixKernel {
  /** uname -r. */
  release: string;
  headers: BuildHeaders;
  headersIdentity: string;
}

/**
 * "5.10,6.1,in-tree" as kernels, in the order given, each once; with their own modules where a row is about these. Usage
 * fault: no such kernel; harness fault: the download.
 */
export async function openKernels(
  text: string,
  options: KernelOptions & { withModules?: boolean },
): Promise<{ kernels: MatrixKernel[]; inTree: boolean }> {
  const words = text.split(",").map((word) => word.trim());
  if (words.includes(""))
    throw usageFault(`"${text}" names an empty kernel`, "--kernels 5.10,6.1,6.12,in-tree");
  const withModules = options.withModules === true || words.includes(inTree);
  const kernels = new Map<string, MatrixKernel>();
  for (const word of words.filter((each) => each !== inTree)) {
    const headers = await ensureHeaders(word, options);
    const isInstalled = existsSync(join("/lib/modules", headers.release, "kernel"));
    if (withModules && !word.includes("/") && !isInstalled) await ensureKernel(headers.release, options);
    kernels.set(headers.release, {
      release: headers.release,
      headers,
      headersIdentity: await headersIdentity(headers),
    });
  }
  if (kernels.size === 0) throw usageFault("no kernel is named", "--kernels 5.10,6.1,6.12,in-tree");
  return { kernels: [...kernels.values()], inTree: words.includes(inTree) };
}
