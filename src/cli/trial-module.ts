// The module that a trial's log is of: the step proved which build was loaded by its build id, and keeps what it built.
import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { readModuleFile } from "../build/module-file.js";
import { usageFault } from "../fault/fault.js";
import { cacheFolder } from "../host/cache-folder.js";
import type { Call } from "./call.js";

interface Proof {
  module: string;
  buildId: string;
}

/** The path of the .ko; usage fault when the logs are no trial's, or its build is not kept any more. */
export async function moduleOfTrial(
  logs: readonly string[],
  { cwd, env }: Pick<Call, "cwd" | "env">,
): Promise<string> {
  const named = "--ko names the module that was loaded";
  for (const log of logs) {
    const folder = dirname(resolve(cwd, log));
    const proof = await proofOf(folder);
    if (proof === undefined) continue;
    const kept = join(cacheFolder(env), "modules");
    const found = await findKept(kept, proof);
    if (found !== undefined) return found;
    throw usageFault(
      `the ${proof.module} of ${folder} (build id ${proof.buildId}) is not kept in ${kept}`,
      named,
    );
  }
  throw usageFault(`${logs.join(", ")} lies in no trial's folder that tells which module was loaded`, named);
}

async function proofOf(folder: string): Promise<Proof | undefined> {
  const text = await readFile(join(folder, "verdict.json"), "utf8").catch(() => "{}");
  const { proof } = JSON.parse(text) as { proof?: Partial<Proof> };
  return proof?.module === undefined || proof.buildId === undefined
    ? undefined
    : { module: proof.module, buildId: proof.buildId };
}

/** The newest first: a bisect's log is read soon after it was written. */
async function findKept(kept: string, { module, buildId }: Proof): Promise<string | undefined> {
  const names = await readdir(kept, { recursive: true }).catch(() => []);
  const own = names.filter((name) => name.replace(/^.*\//, "").replaceAll("-", "_") === `${module}.ko`);
  const dated = await Promise.all(
    own.map(async (name) => ({ path: join(kept, name), at: (await stat(join(kept, name))).mtimeMs })),
  );
  for (const { path } of dated.sort((a, b) => b.at - a.at))
    if ((await readModuleFile(path)).buildId === buildId) return path;
  return undefined;
}
