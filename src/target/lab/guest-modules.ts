// The kernel modules of a guest: its two network interfaces, bonding and the memory that survives a panic.
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Kernel } from "../../build/kernel-tree.js";
import { harnessFault } from "../../fault/fault.js";
import { runChecked } from "../../host/run-command.js";
import type { ArchiveEntry } from "./cpio-archive.js";

const required = ["virtio_pci", "virtio_net", "e1000", "e1000e", "igb"];
const welcome = ["bonding", "ramoops", "netconsole", "ptp", "vxlan", "geneve", "8021q", "9p", "9pnet_virtio"];

/** The modules with all they depend on, and depmod's indexes over just them. */
export async function guestModules(
  kernel: Kernel,
  workFolder: string,
  signal?: AbortSignal,
): Promise<ArchiveEntry[]> {
  const paths = closure(
    parseDependencies(await readFile(join(kernel.modules, "modules.dep"), "utf8")),
    parseBuiltIn(await readFile(join(kernel.modules, "modules.builtin"), "utf8").catch(() => "")),
  );
  const root = await mkdtemp(join(workFolder, "modules-"));
  const folder = join(root, "lib/modules", kernel.release);
  try {
    for (const path of [...paths, "modules.order", "modules.builtin", "modules.builtin.modinfo"])
      if (existsSync(join(kernel.modules, path)))
        await copyTo(join(kernel.modules, path), join(folder, path));
    await runChecked(["depmod", "-b", root, kernel.release], {
      env: { PATH: "/usr/sbin:/sbin:/usr/bin:/bin" },
      ...(signal && { signal }),
    });
    return await entriesBelow(root);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** depmod's text form: a module's path, a colon, everything it depends on (already complete). */
export function parseDependencies(text: string): Map<string, readonly string[]> {
  const lines = text.split("\n").filter((line) => line.includes(":"));
  return new Map(
    lines.map((line) => {
      const [path = "", rest = ""] = line.split(":");
      return [path, rest.trim().split(" ").filter(Boolean)];
    }),
  );
}

/** modules.builtin: a path per line of what is part of the kernel itself (Debian's 6.12 has virtio_pci built in). */
function parseBuiltIn(text: string): Set<string> {
  return new Set(text.split("\n").filter(Boolean).map(moduleName));
}

function closure(
  dependencies: ReadonlyMap<string, readonly string[]>,
  builtIn: ReadonlySet<string>,
): string[] {
  const byName = new Map([...dependencies.keys()].map((path) => [moduleName(path), path]));
  const missing = required.find((name) => !byName.has(name) && !builtIn.has(name));
  if (missing !== undefined)
    throw harnessFault(`the kernel has no module ${missing}`, {
      hint: "the lab needs it, as a module or built in",
    });
  const roots = [...required, ...welcome].flatMap((name) => byName.get(name) ?? []);
  return [...new Set(roots.flatMap((path) => [path, ...(dependencies.get(path) ?? [])]))];
}

function moduleName(path: string): string {
  return basename(path)
    .replace(/\.ko(\.\w+)?$/, "")
    .replaceAll("-", "_");
}

async function copyTo(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await cp(from, to);
}

async function entriesBelow(root: string): Promise<ArchiveEntry[]> {
  const found = await readdir(root, { recursive: true, withFileTypes: true });
  return Promise.all(
    found
      .filter((entry) => entry.isFile())
      .map(async (entry): Promise<ArchiveEntry> => {
        const path = join(entry.parentPath, entry.name);
        return {
          kind: "file",
          path: path.slice(root.length + 1),
          mode: 0o644,
          content: await readFile(path),
        };
      }),
  );
}
