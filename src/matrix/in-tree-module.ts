// The kernel's own copy of a driver, as its package ships it.
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { listUnpackedKernels } from "../build/kernels.js";
import { readModuleFile } from "../build/module-file.js";
import { runChecked } from "../host/run-command.js";
import type { BuildOutcome } from "../step/build-for-target.js";
import type { TrialHost } from "../step/trial-hosts.js";
import { quote } from "../target/remote-command.js";

/**
 * The path of NAME.ko (or .ko.xz, .zst, .gz) among the modules of a kernel that is installed or unpacked; undefined when
 * it has none.
 */
export async function findShippedModule(
  release: string,
  name: string,
  cacheFolder: string,
): Promise<string | undefined> {
  const unpacked = await listUnpackedKernels(cacheFolder);
  const root = unpacked.includes(release) ? join(cacheFolder, "kernels", release) : "/";
  const modules = join(root, "lib/modules", release, "kernel");
  const names = await readdir(modules, { recursive: true }).catch(() => []);
  const wanted = new RegExp(`^${name.replaceAll(/[-_]/g, "[-_]")}\\.ko(?:\\.(?:xz|zst|gz))?$`);
  const found = names.sort().find((path) => wanted.test(basename(path)));
  return found === undefined ? undefined : join(modules, found);
}

const unpackers = { ".xz": ["xz", "-dc"], ".zst": ["zstd", "-dcq"], ".gz": ["gzip", "-dc"] } as const;

/** Takes the module from the target's own kernel into `folder`, unpacked, so that it is loaded and proved as any other. */
export async function fetchShippedModule(
  host: TrialHost,
  name: string,
  folder: string,
): Promise<BuildOutcome> {
  const pattern = name.replaceAll(/[-_]/g, "[-_]");
  const script = `find "/lib/modules/$(uname -r)/" -name ${quote(`${pattern}.ko*`)} | head -n 1`;
  const path = (await host.target.check(script, { timeoutMs: 30_000 })).trim();
  if (path === "") return { kind: "failed", detail: `the kernel of ${host.name} has no module ${name}` };
  await mkdir(folder, { recursive: true });
  await host.target.fetch({ folder: dirname(path), names: [basename(path)] }, folder);
  const fetched = join(folder, basename(path));
  const packed = /\.(?:xz|zst|gz)$/.exec(fetched)?.[0] as keyof typeof unpackers | undefined;
  if (packed === undefined) return outcomeOf(fetched);
  const plain = fetched.slice(0, -packed.length);
  await writeFile(plain, await runChecked([...unpackers[packed], fetched], { timeoutMs: 60_000 }));
  return outcomeOf(plain);
}

async function outcomeOf(path: string): Promise<BuildOutcome> {
  return { kind: "built", modules: [{ path, file: await readModuleFile(path) }], cached: true };
}
