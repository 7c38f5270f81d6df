// Whether two modules do the same: their bytes without what only names the source they came from.
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runChecked } from "../../host/run-command.js";

/** Names a module's code: the same for modules that differ in debug information, build id and source version only. */
export async function codeOfModule(ko: string, signal: AbortSignal): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tarbisect-code-"));
  try {
    const bare = join(folder, "bare.ko");
    const argv = [
      "objcopy",
      "--strip-debug",
      "--remove-section=.note.gnu.build-id",
      "--remove-section=.comment",
    ];
    await runChecked([...argv, ko, bare], { signal, timeoutMs: 60_000 });
    const bytes = await readFile(bare);
    for (let at = bytes.indexOf("srcversion="); at >= 0; at = bytes.indexOf("srcversion=", at + 1))
      bytes.fill(0, at, Math.max(at, bytes.indexOf(0, at)));
    blankSourceFolder(bytes);
    return createHash("sha256").update(bytes).digest("hex").slice(0, 32);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A step's copy of the source has a name of its own each time, which __FILE__ brings into the module. */
function blankSourceFolder(bytes: Buffer): void {
  const name = "tarbisect-source-";
  for (let at = bytes.indexOf(name); at >= 0; at = bytes.indexOf(name, at + 1))
    bytes.fill(0, at + name.length, at + name.length + 6);
}
