// Which kernels the distribution's package lists offer, by name; apt is asked, nothing is installed.
import { harnessFault, usageFault } from "../fault/fault.js";
import { describeEnd, runCommand } from "../host/run-command.js";

/** Debian's suffix of package and release for the one architecture that the lab knows. */
export const flavour = "amd64";

const imagePackage = /^linux-image-(\d+\.\d+\.\d+[\w.+~]*(?:-\d+)?)-amd64$/;
const numeric = new Intl.Collator("en", { numeric: true });

/** Orders kernel releases by their numbers: 6.1.0-9 before 6.1.0-56 before 6.12.43. */
export function compareReleases(a: string, b: string): number {
  return numeric.compare(a, b);
}

/** Every plain kernel (no -rt, no -cloud) that apt could download, oldest first, e.g. "6.1.0-56-amd64". */
export async function listOfferedKernels(signal?: AbortSignal): Promise<string[]> {
  const text = await askApt(["apt-cache", "pkgnames", "linux-image-"], signal);
  return text
    .split("\n")
    .filter((name) => imagePackage.test(name))
    .map((name) => name.replace("linux-image-", ""))
    .sort(compareReleases);
}

/** The release that the distribution's meta-package linux-image-amd64 stands for. */
export async function defaultKernel(signal?: AbortSignal): Promise<string> {
  const depends = await dependsOf(`linux-image-${flavour}`, signal);
  const image = depends.find((name) => imagePackage.test(name));
  if (image === undefined) throw noKernel("the distribution's default");
  return image.replace("linux-image-", "");
}

/** The packages that make one kernel: its image, both halves of its headers and the build programs they need. */
export async function packagesOf(release: string, signal?: AbortSignal): Promise<string[]> {
  const headers = `linux-headers-${release}`;
  const parts = (await dependsOf(headers, signal)).filter((name) =>
    /^linux-(kbuild-|headers-.*-common$)/.test(name),
  );
  return [`linux-image-${release}`, headers, ...parts];
}

/** The newest of `releases` (sorted) that `version` names: a release with or without its suffix, or a series as 6.1. */
export function newestOf(version: string, releases: readonly string[]): string | undefined {
  const exact = releases.find((release) => release === version || release === `${version}-${flavour}`);
  return exact ?? releases.findLast((release) => release.startsWith(`${version}.`));
}

/** Refuses what could not be a kernel version before it reaches a path or a package name. */
export function checkKernelVersion(version: string): void {
  if (!/^\d+\.\d+[\w.+~-]*$/.test(version))
    throw usageFault(
      `"${version}" is not a kernel version`,
      "give a series (6.1), a release (6.1.0-56-amd64) or a folder",
    );
}

export function noKernel(version: string): Error {
  return usageFault(
    `no kernel package for ${version} in apt's lists`,
    "tarbisect lab kernels lists what there is; apt-get update refreshes it",
  );
}

async function dependsOf(name: string, signal?: AbortSignal): Promise<string[]> {
  const text = await askApt(["apt-cache", "depends", "--important", name], signal);
  return [...text.matchAll(/^ [ |]Depends: (\S+)$/gm)].map((match) => match[1] ?? "");
}

async function askApt(argv: readonly string[], signal?: AbortSignal): Promise<string> {
  const result = await runCommand(argv, { env: cLocale(), timeoutMs: 60_000, ...(signal && { signal }) });
  if (result.end.kind === "exited" && result.end.code === 100) throw noKernel(argv.at(-1) ?? "");
  if (result.end.kind !== "exited" || result.end.code !== 0)
    throw harnessFault(`${argv.join(" ")} failed: ${describeEnd(result.end)}: ${result.stderr.trim()}`, {
      hint: "kernels by name come from Debian's packages; elsewhere give a folder",
    });
  return result.stdout.toString();
}

function cLocale(): NodeJS.ProcessEnv {
  return { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" };
}
