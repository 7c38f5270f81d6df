import { compareVersions } from "../catalog/version.js";
import { runChecked } from "../host/run-command.js";

export interface ReleaseTag {
  tag: string;
  /** The day of its commit, YYYY-MM-DD. */
  date: string;
}

/** The tags vVERSION of the repository at `cwd`, in numeric version order. */
export async function releaseTags(cwd: string): Promise<ReleaseTag[]> {
  const format = "%(refname:strip=2)%09%(creatordate:short)";
  const listing = await runChecked(["git", "for-each-ref", `--format=${format}`, "refs/tags/v*"], { cwd });
  return listing
    .toString()
    .split("\n")
    .flatMap((line) => {
      const [tag, date] = line.split("\t");
      return tag !== undefined && date !== undefined && /^v\d/.test(tag) ? [{ tag, date }] : [];
    })
    .sort((a, b) => compareVersions(a.tag.slice(1), b.tag.slice(1)));
}
