// Kernel headers in a folder: a kernel's own build tree, one half of Debian's two, or what the kernel cache unpacked.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { usageFault } from "../fault/fault.js";
import type { BuildHeaders } from "./build-module.js";

/** The headers in a folder such as /lib/modules/RELEASE/build; a usage fault when no kernel was configured there. */
export function headersAt(folder: string): BuildHeaders {
  const path = join(folder, "include/generated/utsrelease.h");
  const release = existsSync(path)
    ? /UTS_RELEASE "([^"]+)"/.exec(readFileSync(path, "utf8"))?.[1]
    : undefined;
  if (release === undefined)
    throw usageFault(
      `"${folder}" holds no configured kernel headers: include/generated/utsrelease.h does not name a kernel`,
      "apt-get install linux-headers-$(uname -r), or --kernel with a version such as 6.1",
    );
  const sourceFolder = commonHalf(folder) ?? folder;
  return { release, buildFolder: installedName(folder, release), sourceFolder };
}

/** Vendors' build files find headers by their place in /lib/modules, whatever other name the folder has. */
function installedName(folder: string, release: string): string {
  const installed = `/lib/modules/${release}/build`;
  return existsSync(installed) && realpathSync(installed) === realpathSync(folder) ? installed : folder;
}

/** Debian's configured half has a Makefile that includes the common half's. */
function commonHalf(folder: string): string | undefined {
  if (existsSync(join(folder, "include/linux"))) return undefined;
  const makefile = readFileSync(join(folder, "Makefile"), "utf8");
  const common = /^include (\/\S+)\/Makefile$/m.exec(makefile)?.[1];
  return common !== undefined && existsSync(join(common, "include/linux")) ? realpathSync(common) : undefined;
}

/** What tells two builds of one kernel release apart: a sum over the configuration and the symbols' versions. */
export async function headersIdentity({ buildFolder }: BuildHeaders): Promise<string> {
  const sum = createHash("sha256");
  for (const name of ["Module.symvers", "include/generated/autoconf.h", "include/generated/utsrelease.h"])
    sum.update(await readFile(join(buildFolder, name)).catch(() => Buffer.alloc(0)));
  return sum.digest("hex");
}
