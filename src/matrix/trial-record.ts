// What a cell's trial told, kept by all that decides it beside the builds' records.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "../host/write-file.js";
import type { Verdict } from "../step/verdict.js";

export interface TrialRecord {
  verdict: Verdict;
  /** The trial's folder. */
  evidence: string;
  /** What of the settings this release's driver could not be told; such a cell did not test them. */
  refused: string[];
}

export interface TrialName {
  /** A version, or in-tree. */
  release: string;
  kernel: string;
  /** A choice's label. */
  settings: string;
  /** All else that decides it: the tree, how it was built, the whole settings. */
  decidedBy: unknown;
}

export interface TrialRecords {
  read(name: TrialName): Promise<TrialRecord | undefined>;
  write(name: TrialName, record: TrialRecord): Promise<void>;
}

/** A file per trial in a folder. */
export function trialRecords(folder: string): TrialRecords {
  const path = (name: TrialName): string => {
    const key = createHash("sha256").update(JSON.stringify(name)).digest("hex").slice(0, 16);
    const words = [name.release, name.kernel, ...(name.settings === "" ? [] : [name.settings]), key];
    return join(folder, `${words.map((word) => word.replace(/[^\w.+~=-]/g, "-")).join("_")}.json`);
  };
  return {
    async read(name) {
      const at = path(name);
      return existsSync(at) ? (JSON.parse(await readFile(at, "utf8")) as TrialRecord) : undefined;
    },
    write: (name, record) => writeFileAtomically(path(name), `${JSON.stringify(record, null, 2)}\n`),
  };
}
