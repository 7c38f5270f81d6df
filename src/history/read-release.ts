import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { readArchive, type ArchiveFile } from "../tarballs/read-archive.js";
import type { SumsCheck } from "../tarballs/sums.js";
import type { BlobSpool, SpooledBlob } from "./blob-spool.js";
import { changelogLines, changelogNames } from "./changelog.js";
import { trailersOf, type ReleaseCommit } from "./release-commit.js";

/** A release whose archive is at hand. */
export interface ReleaseSource {
  driver: string;
  version: string;
  archivePath: string;
  /** YYYY-MM-DD; without it the newest file's time dates the commit. */
  date?: string;
  url?: string;
  /** Of the archive, when whoever brought it has hashed it already. */
  sha256?: string;
  withdrawn: boolean;
}

export interface ReadRelease {
  version: string;
  files: ArchiveFile<SpooledBlob>[];
  /** The text of its SUMS, when it has one. */
  sumsText: string | undefined;
  /** What its commit says, once it is known how many files are as SUMS says. */
  commit(sums: SumsCheck | undefined): ReleaseCommit;
}

/** The archive's SHA-256, hex. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest("hex");
}

/** Reads one release's archive into the spool and says what its commit will be. */
export async function readRelease(
  source: ReleaseSource,
  sha256: string,
  spool: BlobSpool,
): Promise<ReadRelease> {
  const { files, newest } = await readArchive(source.archivePath, { keep: (content) => spool.add(content) });
  const byPath = new Map(files.map((file) => [file.path, file.kept]));
  const text = (path: string): string | undefined => {
    const blob = byPath.get(path);
    return blob && spool.read(blob).toString();
  };
  const changelog = changelogNames
    .map((name) => changelogLines(text(name) ?? "", source.version))
    .find((lines) => lines.length > 0);
  return {
    version: source.version,
    files,
    sumsText: text("SUMS"),
    commit: (sums) => ({
      driver: source.driver,
      version: source.version,
      time: source.date === undefined ? newest : Date.parse(`${source.date}T00:00:00Z`) / 1000,
      changelog: changelog ?? [],
      trailers: trailersOf({ ...source, sha256, sums }),
    }),
  };
}
