// The guest's programs are the host's own, with the libraries that the loader names for them.
import { readFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { harnessFault } from "../../fault/fault.js";
import { runChecked } from "../../host/run-command.js";
import type { ArchiveEntry } from "./cpio-archive.js";

const hostFolders = ["/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin"];

/** What a guest needs, where it goes there, and the Debian package that brings it. */
const programs = [
  { name: "busybox", at: "bin/busybox", package: "busybox-static" },
  { name: "sh", at: "bin/sh", package: "dash" },
  { name: "kmod", at: "usr/bin/kmod", package: "kmod" },
  { name: "ip", at: "usr/sbin/ip", package: "iproute2" },
  { name: "ethtool", at: "usr/sbin/ethtool", package: "ethtool" },
  { name: "iperf3", at: "usr/bin/iperf3", package: "iperf3" },
  { name: "dropbear", at: "usr/sbin/dropbear", package: "dropbear-bin" },
] as const;

const kmodNames = ["modprobe", "insmod", "rmmod", "lsmod", "modinfo", "depmod"];

/** The host's path of a program, sbin folders included even when PATH leaves them out. */
export function findProgram(name: string, packageName: string): string {
  const folder = hostFolders.find((candidate) => existsSync(join(candidate, name)));
  if (folder === undefined)
    throw harnessFault(`${name} is not on this machine`, {
      hint: `sudo apt-get install --no-install-recommends ${packageName}`,
    });
  return join(folder, name);
}

/** Programs, libraries and links of the guest; busybox fills in what no real program provides. */
export async function guestPrograms(signal?: AbortSignal): Promise<ArchiveEntry[]> {
  const found = programs.map((program) => ({
    ...program,
    source: findProgram(program.name, program.package),
  }));
  const libraries = new Set<string>();
  for (const { source } of found)
    for (const library of await librariesOf(source, signal)) libraries.add(library);
  const files = [
    ...found.map(({ source, at }) => ({ source, at: at })),
    ...[...libraries].map((source) => ({ source, at: source.slice(1) })),
  ];
  return [...(await Promise.all(files.map(asEntry))), ...(await links(found[0]?.source ?? "", signal))];
}

async function asEntry({ source, at }: { source: string; at: string }): Promise<ArchiveEntry> {
  return { kind: "file", path: at, mode: 0o755, content: await readFile(source) };
}

async function librariesOf(program: string, signal?: AbortSignal): Promise<string[]> {
  // ldd ends with 1 for a static program, which has none.
  const text = await runChecked(["sh", "-c", 'ldd "$1" 2>/dev/null || true', "sh", program], {
    ...(signal && { signal }),
  });
  return [...text.toString().matchAll(/(?:=> |^\s*)(\/\S+) \(/gm)].map((match) => match[1] ?? "");
}

async function links(busybox: string, signal?: AbortSignal): Promise<ArchiveEntry[]> {
  const applets = (await runChecked([busybox, "--list"], { ...(signal && { signal }) }))
    .toString()
    .split("\n");
  const real = new Set<string>([...programs.map(({ name }) => name), ...kmodNames, ""]);
  return [
    ...kmodNames.map((name): ArchiveEntry => ({ kind: "link", path: `sbin/${name}`, to: "/usr/bin/kmod" })),
    ...applets
      .filter((name) => !real.has(name))
      .map((name): ArchiveEntry => ({ kind: "link", path: `bin/${name}`, to: "busybox" })),
  ];
}
