// What kernels with the debugging for it know themselves of memory that is held: kmemleak, and page_owner (booted with
// page_owner=on) by its stacks, or page by page on kernels before 6.9.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TrialHost } from "./trial-hosts.js";

const debug = "/sys/kernel/debug";
const prints = {
  // A scan finds an object at the earliest when it has seen it twice.
  "kmemleak.txt": `[ -e ${debug}/kmemleak ] && echo scan >${debug}/kmemleak && sleep 6 && echo scan >${debug}/kmemleak && cat ${debug}/kmemleak`,
  "page-owner.txt": `cat ${debug}/page_owner_stacks/show_stacks || cat ${debug}/page_owner`,
} as const;

const keepBytes = 32 * 1024 * 1024;

/** Writes kmemleak.txt and page-owner.txt to the evidence, where the kernel has them. */
export async function collectHeldMemory({ target }: TrialHost, evidence: string): Promise<void> {
  for (const [name, command] of Object.entries(prints)) {
    const { end, stdout } = await target.run(`{ ${command}; } 2>/dev/null; true`, {
      timeoutMs: 120_000,
      keepBytes,
    });
    if (end.kind === "exited" && stdout.length > 0) await writeFile(join(evidence, name), stdout);
  }
}
