import { join } from "node:path";
import { usageFault } from "../fault/fault.js";
import { BlobSpool } from "./blob-spool.js";
import { isRepository, makeRepository, readExisting } from "./existing.js";
import { readInTree, type InTreeDriver, type InTreeSource } from "./in-tree.js";
import { planHistory } from "./plan-history.js";
import type { ReadRelease } from "./read-release.js";
import { refuseHoles } from "./refuse-holes.js";
import { inTreeLine, tagOf } from "./release-commit.js";
import { takeAway } from "./take-away.js";
import { writeHistory } from "./write-history.js";

export interface InTreeResult {
  version: string;
  tag: string;
  files: number;
  /** False when the branch held it already. */
  added: boolean;
  tip: string;
}

/**
 * Brings a kernel's own copy of a driver onto the branch `in-tree` of the repository at `folder`, one commit and tag
 * per kernel, beside the vendor's releases. Usage faults as for releases: a hole that would be filled, another content
 * for a kernel that is there.
 */
export async function importInTree(
  source: InTreeSource,
  options: { folder: string; rebuild?: boolean; signal?: AbortSignal },
): Promise<InTreeResult> {
  const { folder, signal } = options;
  const isNew = !(await isRepository(folder));
  const existing = isNew ? [] : await readExisting(folder, inTreeLine);
  const undo = takeAway(folder, isNew);
  if (isNew) await makeRepository(folder);
  const spool = new BlobSpool(join(folder, ".git", "tarbisect-blobs"), 64 * 1024 * 1024);
  try {
    const driver = await readInTree(source, spool).catch(async (error: unknown) => {
      await undo();
      throw error;
    });
    const { version, sha256 } = driver;
    const result = { version, tag: tagOf(version, inTreeLine), files: driver.files.length };
    const known = existing.find((release) => release.version === version);
    if (known && known.sha256 !== sha256)
      throw usageFault(
        `${result.tag} is in the history with other files (Files-Sha256 ${known.sha256 ?? "unknown"}, here ${sha256})`,
        "import into another folder with --into to compare them",
      );
    if (known) return { ...result, added: false, tip: existing.at(-1)!.commit };
    const plan = planHistory(existing, [toRelease(driver, source.path)]);
    refuseHoles(plan.filledHoles, options);
    return {
      ...result,
      added: true,
      tip: await writeHistory(plan, spool, { folder, line: inTreeLine, signal }),
    };
  } finally {
    spool.remove();
  }
}

function toRelease({ version, files, sha256, newest }: InTreeDriver, path: string): ReadRelease {
  return {
    version,
    files,
    sumsText: undefined,
    commit: () => ({
      driver: "linux",
      version,
      time: newest,
      changelog: [`${path} as Linux ${version} has it.`],
      trailers: [
        ["Kernel-Path", path],
        ["Files-Sha256", sha256],
      ],
    }),
  };
}
