// The whole guest as one initramfs: its state is thrown away at each boot.
import { readFile } from "node:fs/promises";
import type { Kernel } from "../../build/kernel-tree.js";
import { writeFileAtomically } from "../../host/write-file.js";
import { foldersAbove, renderArchive, type ArchiveEntry } from "./cpio-archive.js";
import { guestTexts, initScript } from "./guest-init.js";
import { guestModules } from "./guest-modules.js";
import { guestPrograms } from "./guest-programs.js";
import type { LabKeys } from "./lab-keys.js";

const emptyFolders = ["proc", "sys", "dev", "run", "tmp", "root/.ssh", "var/run", "var/log", "mnt"];

/** Writes the initramfs to `path`; the keys inside are the lab's own. */
export async function writeGuestImage(
  path: string,
  input: { kernel: Kernel; keys: LabKeys; workFolder: string; signal?: AbortSignal },
): Promise<void> {
  const contents: ArchiveEntry[] = [
    ...(await guestPrograms(input.signal)),
    ...(await guestModules(input.kernel, input.workFolder, input.signal)),
    ...(await keyFiles(input.keys)),
    ...Object.entries(guestTexts).map(([name, text]) => file(name, text, 0o644)),
    file("init", initScript, 0o755),
    // The kernel opens /dev/console for init before devtmpfs is mounted.
    { kind: "terminal", path: "dev/console", major: 5, minor: 1 },
  ];
  const paths = [...contents.map((entry) => entry.path), ...emptyFolders.map((name) => `${name}/.`)];
  await writeFileAtomically(path, renderArchive([...foldersAbove(paths), ...contents]));
}

async function keyFiles(keys: LabKeys): Promise<ArchiveEntry[]> {
  return [
    file("root/.ssh/authorized_keys", await readFile(`${keys.clientKey}.pub`, "utf8"), 0o600),
    { kind: "file", path: "etc/dropbear/host_key", mode: 0o600, content: await readFile(keys.hostKey) },
  ];
}

function file(path: string, text: string, mode: number): ArchiveEntry {
  return { kind: "file", path, mode, content: Buffer.from(text) };
}
