import { usageFault } from "../fault/fault.js";
import type { SumsCheck } from "../tarballs/sums.js";

/** One release as it stands in the history. */
export interface ReleaseCommit {
  driver: string;
  version: string;
  /** Seconds since 1970, UTC. */
  time: number;
  changelog: readonly string[];
  trailers: readonly (readonly [name: string, value: string])[];
}

/** Fixed, so that the same archives give the same commit ids on every machine. */
export const identity = "tarbisect <tarbisect@localhost>";

/** A branch of one commit per version, and how its tags are named. */
export interface HistoryLine {
  branch: string;
  tagPrefix: string;
}

export const releasesLine: HistoryLine = { branch: "releases", tagPrefix: "v" };
/** Drivers as kernels hold them, by the kernel's version. */
export const inTreeLine: HistoryLine = { branch: "in-tree", tagPrefix: "in-tree/v" };

/**
 * The tag of a version. Git takes no `~` in a name: it becomes `_`, as DEP-14 has it. A usage fault for a version that
 * git takes in no form.
 */
export function tagOf(version: string, line: HistoryLine = releasesLine): string {
  if (/\.$|\.lock$/.test(version))
    throw usageFault(`git takes no tag for version ${version}`, "rename its archive");
  return `${line.tagPrefix}${version.replaceAll("~", "_")}`;
}

/** The whole commit message; the subject is what the history is read back by. */
export function messageOfCommit(commit: ReleaseCommit): string {
  const trailers = commit.trailers.map(([name, value]) => `${name}: ${value}`).join("\n");
  const body = commit.changelog.length > 0 ? `${commit.changelog.join("\n")}\n\n` : "";
  return `${commit.driver} ${commit.version}\n\n${body}${trailers}\n`;
}

/** The facts of a release that stand in its commit as trailers. */
export function trailersOf(facts: {
  url?: string;
  sha256: string;
  date?: string;
  withdrawn: boolean;
  sums: SumsCheck | undefined;
}): [string, string][] {
  return [
    ...(facts.url === undefined ? [] : [["Tarball-Url", facts.url] satisfies [string, string]]),
    ["Tarball-Sha256", facts.sha256],
    ...(facts.date === undefined ? [] : [["Release-Date", facts.date] satisfies [string, string]]),
    ["Withdrawn", facts.withdrawn ? "yes" : "no"],
    ["Sums-Verified", facts.sums === undefined ? "none" : `${facts.sums.verified} of ${facts.sums.listed}`],
  ];
}
