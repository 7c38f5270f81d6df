// The headers to build against on this machine.
import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { join } from "node:path";
import type { BuildHeaders } from "../build/build-module.js";
import { ensureKernel } from "../build/kernels.js";
import { harnessFault } from "../fault/fault.js";
import type { TrialIo } from "./trial-hosts.js";

/**
 * Headers of the kernel that the target runs: those that the settings name (a version of `lab kernels`, a folder),
 * else the installed ones, else unpacked from the distribution's packages. Fault: another kernel, or none.
 */
export async function findHeaders(
  running: string,
  at: { wanted: string | undefined; cacheFolder: string },
  io: TrialIo,
): Promise<BuildHeaders> {
  const installed = `/lib/modules/${running}/build`;
  if ((at.wanted === undefined || at.wanted === running) && existsSync(join(installed, "Makefile")))
    return { release: running, buildFolder: installed, sourceFolder: await installedSources(running) };
  const kernel = await ensureKernel(at.wanted ?? running, { ...at, signal: io.signal, note: io.note });
  if (kernel.release !== running)
    throw harnessFault(`kernel in the settings means ${kernel.release}, but the target runs ${running}`, {
      hint: "leave kernel out to build for the one that runs",
    });
  if (kernel.headers === undefined)
    throw harnessFault(`there are no headers of ${running} beside its kernel`, {
      hint: `install the package linux-headers-${running}`,
    });
  return { release: running, buildFolder: kernel.headers, sourceFolder: kernel.headers };
}

/** Where Debian keeps the common half; elsewhere one tree holds all. */
async function installedSources(release: string): Promise<string> {
  const source = await realpath(`/lib/modules/${release}/source`).catch(() => undefined);
  return source ?? realpath(`/lib/modules/${release}/build`);
}
