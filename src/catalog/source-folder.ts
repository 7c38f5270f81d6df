import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { fingerprint } from "./archive-cache.js";
import { versionOfArchive } from "./archive-name.js";
import type { Release } from "./release.js";
import type { SourceKind } from "./source.js";

/** A folder of archives, or one archive, on this machine. Other files in the folder are left alone. */
export const folderSource: SourceKind = {
  name: "a folder of archives, or one archive",
  async tryOpen(place, { driver, sums = true }) {
    const path = resolve(place);
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) return undefined;
    const [folder, names] = found.isDirectory()
      ? [path, await readdir(path)]
      : [dirname(path), [basename(path)]];
    const releases = await Promise.all(names.map((name) => releaseOf(driver, join(folder, name), sums)));
    return { source: place, releases: releases.flatMap((release) => release ?? []) };
  },
};

async function releaseOf(driver: string, path: string, sums: boolean): Promise<Release | undefined> {
  const version = versionOfArchive(driver, basename(path));
  if (version === undefined || !(await stat(path)).isFile()) return undefined;
  return {
    driver,
    version,
    urls: [pathToFileURL(path).href],
    withdrawn: false,
    ...(sums ? await fingerprint(path) : {}),
  };
}
