// What a build told, kept by all that decides it, so that a table that was cut short goes on where it was.
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BuildError } from "../build/build-errors.js";
import { writeFileAtomically } from "../host/write-file.js";

export type BuildRecord =
  | {
      kind: "built";
      /** Reasons of the catalog's fixups that changed something in this release. */
      fixups: string[];
      elapsedMs: number;
    }
  | {
      kind: "failed";
      fixups: string[];
      /** In one line. */
      firstError: string;
      /** As the tools told them, the first ones; their paths are below the source folder. */
      errors: BuildError[];
      /** The line that the first error points at, as it was compiled. */
      sourceLine?: string;
      elapsedMs: number;
    };

/** Of one cell: names for a person, and a key that no other build has. */
export interface BuildName {
  release: string;
  kernel: string;
  key: string;
}

export interface BuildRecords {
  read(name: BuildName): Promise<BuildRecord | undefined>;
  /** The log goes first: a record that is there has its log. */
  write(name: BuildName, record: BuildRecord, log: string): Promise<void>;
}

/** Two files per build in a folder: RELEASE_KERNEL_KEY.json and .log. */
export function buildRecords(folder: string): BuildRecords {
  const path = ({ release, kernel, key }: BuildName): string =>
    join(folder, `${release}_${kernel.replace(/[^\w.+~-]/g, "-")}_${key}`);
  return {
    async read(name) {
      const at = `${path(name)}.json`;
      return existsSync(at) ? (JSON.parse(await readFile(at, "utf8")) as BuildRecord) : undefined;
    },
    async write(name, record, log) {
      await mkdir(folder, { recursive: true });
      await writeFile(`${path(name)}.log`, log);
      await writeFileAtomically(`${path(name)}.json`, `${JSON.stringify(record, null, 2)}\n`);
    },
  };
}
