// A git repository that holds one commit per release; the version is the last word of the commit's subject
// ("Version 2.13.10", "Intel official release 5.8.5", and once a whole path of an archive).
import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { runChecked } from "../host/run-command.js";
import { versionOfName } from "./archive-name.js";
import type { Release } from "./release.js";
import type { SourceKind } from "./source.js";

/** URLs of its releases read git+file:///repository#COMMIT; the commits' dates may be those of an import. */
export const gitMirrorSource: SourceKind = {
  name: "a git mirror with one commit per release",
  async tryOpen(place, { driver, signal }) {
    const path = resolve(place);
    if (!(await exists(join(path, ".git"))) && !(await exists(join(path, "objects")))) return undefined;
    const log = await runChecked(
      ["git", "-C", path, "log", "--no-merges", "--format=%H%x09%cs%x09%s", "HEAD"],
      {
        signal,
      },
    );
    const releases = new Map<string, Release>();
    for (const line of log.toString().split("\n")) {
      const [commit, date, subject = ""] = line.split("\t");
      const version = versionOfName(driver, subject.trim().split(" ").at(-1)!);
      // The newest comes first: of a release that was committed twice, it is the one that stays.
      if (commit && version && !releases.has(version))
        releases.set(version, {
          driver,
          version,
          ...(date ? { date } : {}),
          urls: [`git+${pathToFileURL(path).href}#${commit}`],
          withdrawn: false,
        });
    }
    return { source: place, releases: [...releases.values()] };
  },
};

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
