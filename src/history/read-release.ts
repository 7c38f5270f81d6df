import { harnessFault } from "../fault/fault.js";
import type { ArchiveLimits } from "../tarballs/limits.js";
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
  /** Of the archive, when it is known already: what is read is held against it. */
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

/** Reads one release's archive into the spool and says what its commit will be. */
export async function readRelease(
  source: ReleaseSource,
  { spool, limits }: { spool: BlobSpool; limits?: ArchiveLimits | undefined },
): Promise<ReadRelease> {
  const { driver, version, archivePath } = source;
  const { files, newest, sha256 } = await readArchive(archivePath, {
    ...(limits && { limits }),
    keep: (content) => spool.add(content),
  });
  if (source.sha256 !== undefined && source.sha256 !== sha256)
    throw harnessFault(
      `${driver} ${version} is not what it was: the sha256 of ${archivePath} is ${sha256}, not ${source.sha256}`,
    );
  const byPath = new Map(files.map((file) => [file.path, file.kept]));
  const text = (path: string): string | undefined => {
    const blob = byPath.get(path);
    return blob && spool.read(blob).toString();
  };
  const changelog = changelogNames
    .map((name) => changelogLines(text(name) ?? "", version))
    .find((lines) => lines.length > 0);
  return {
    version,
    files,
    sumsText: text("SUMS"),
    commit: (sums) => ({
      driver,
      version,
      time: source.date === undefined ? newest : Date.parse(`${source.date}T00:00:00Z`) / 1000,
      changelog: changelog ?? [],
      trailers: trailersOf({ ...source, sha256, sums }),
    }),
  };
}
