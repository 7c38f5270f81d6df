// One kernel's packages unpacked side by side, without root, into a folder that can be moved.
import { cp, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { harnessFault } from "../fault/fault.js";
import { runChecked } from "../host/run-command.js";

export interface UnpackOptions {
  signal?: AbortSignal;
  note?: (text: string) => void;
}

/** A kernel on this machine; every path is absolute. */
export interface Kernel {
  release: string;
  /** The bzImage. */
  image: string;
  /** lib/modules/RELEASE, with modules.dep; `kernel/` below it holds the modules. */
  modules: string;
  /** One complete tree for `make -C` and for KSRC=, or undefined when the folder has none. */
  headers: string | undefined;
}

/**
 * Downloads the packages with the user's apt sources and unpacks them at `folder`, which appears only when complete.
 * Both halves of Debian's headers become one tree: vendors' build files that look for include/linux below KSRC find
 * it, and no absolute /usr/src path is left.
 */
export async function unpackKernel(
  folder: string,
  packages: readonly string[],
  options: UnpackOptions,
): Promise<void> {
  const part = `${folder}.${process.pid}.part`;
  const signal = options.signal && { signal: options.signal };
  await removeDeadParts(folder);
  await mkdir(join(part, "debs"), { recursive: true });
  try {
    const debs = join(part, "debs");
    options.note?.(`downloading ${packages.join(" ")}\n`);
    await runChecked(["apt-get", "-q", "download", ...packages], {
      cwd: debs,
      timeoutMs: 540_000,
      ...signal,
    });
    options.note?.(`unpacking ${basename(folder)}\n`);
    for (const deb of await readdir(debs))
      await runChecked(["dpkg-deb", "-x", join(debs, deb), part], signal);
    await rm(debs, { recursive: true });
    await arrangeModules(part, basename(folder), options.signal);
    await mergeHeaders(part, basename(folder));
    await keepFirst(part, folder);
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

/** What lies in an unpacked (or a given) folder shaped like a root: boot/, lib/modules/, usr/src/. */
export async function kernelAt(folder: string): Promise<Kernel> {
  const images = await readdir(join(folder, "boot")).catch(() => []);
  const image = images.find((name) => name.startsWith("vmlinuz-"));
  if (image === undefined)
    throw harnessFault(`no kernel in ${folder}: boot/vmlinuz-* is missing`, {
      hint: "name a folder with boot/ and lib/modules/, or remove it when it is a damaged cache",
    });
  const release = image.slice("vmlinuz-".length);
  const headers = join(folder, "usr/src", `linux-headers-${release}`);
  return {
    release,
    image: join(folder, "boot", image),
    modules: join(folder, "lib/modules", release),
    headers: existsSync(join(headers, "Makefile")) ? headers : undefined,
  };
}

async function arrangeModules(root: string, release: string, signal?: AbortSignal): Promise<void> {
  if (!existsSync(join(root, "lib")) && existsSync(join(root, "usr/lib/modules")))
    await symlink("usr/lib", join(root, "lib"));
  const modules = join(root, "lib/modules", release);
  for (const link of ["build", "source"]) {
    await rm(join(modules, link), { force: true });
    await symlink(`../../../usr/src/linux-headers-${release}`, join(modules, link));
  }
  await runChecked(["depmod", "-b", root, release], {
    env: { PATH: "/usr/sbin:/sbin:/usr/bin:/bin" },
    ...(signal && { signal }),
  });
}

/** Lays the half that belongs to the flavour over the common half, whose Makefile stays. */
async function mergeHeaders(root: string, release: string): Promise<void> {
  const sources = join(root, "usr/src");
  const special = join(sources, `linux-headers-${release}`);
  const common = (await readdir(sources)).find((name) => name.endsWith("-common"));
  if (common === undefined) throw harnessFault(`the headers of ${release} have no common half`);
  const makefile = await readFile(join(sources, common, "Makefile"));
  for (const link of ["scripts", "tools"]) await rm(join(special, link), { force: true });
  await cp(special, join(sources, common), { recursive: true, verbatimSymlinks: true });
  await writeFile(join(sources, common, "Makefile"), makefile);
  await rm(special, { recursive: true });
  await rename(join(sources, common), special);
  await useOurCompiler(join(special, ".kernelvariables"));
}

// Debian names the compiler that built the kernel (gcc-10 for 5.10), which the next Debian does not have any more.
async function useOurCompiler(path: string): Promise<void> {
  const text = await readFile(path, "utf8");
  const wanted = /^CC = .*(gcc-\d+)$/m.exec(text)?.[1];
  if (wanted === undefined || existsSync(`/usr/bin/${wanted}`)) return;
  await writeFile(path, text.replace(/^CC = .*$/m, "CC = $(CROSS_COMPILE)gcc"));
}

// What a killed call has left: its process id is in the name.
async function removeDeadParts(folder: string): Promise<void> {
  for (const name of await readdir(dirname(folder))) {
    const pid = name.startsWith(`${basename(folder)}.`) && /\.(\d+)\.part$/.exec(name)?.[1];
    if (pid && !existsSync(`/proc/${pid}`))
      await rm(join(dirname(folder), name), { recursive: true, force: true });
  }
}

// Two calls may unpack the same kernel at once: the one that is late takes the other's.
async function keepFirst(part: string, folder: string): Promise<void> {
  try {
    await rename(part, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
}
