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

export const releasesBranch = "releases";

export function tagOf(version: string): string {
  return `v${version}`;
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
