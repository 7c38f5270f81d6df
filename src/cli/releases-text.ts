import type { MergedRelease } from "../catalog/merge-listings.js";

/** A release as `releases` shows it: with the path of its archive in the cache, when it is there. */
export interface ShownRelease extends MergedRelease {
  cached: string | undefined;
}

/** One line per release, then the holes and the differences between sources. */
export function releasesText(releases: readonly ShownRelease[]): string {
  const rows = releases.map(rowOf);
  const header = ["version", "date", "cached", "from", ""];
  const widths = header.map((title, at) =>
    Math.max(...[header, ...rows].map((row) => row[at]!.length), title.length),
  );
  const lines = [header, ...rows].map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at]!))
      .join("  ")
      .trimEnd(),
  );
  return [...lines, ...holes(releases), ...differences(releases)].map((line) => `${line}\n`).join("");
}

function rowOf(release: ShownRelease): string[] {
  return [
    release.version,
    release.date ?? "-",
    release.cached === undefined ? "no" : "yes",
    [...new Set(release.urls.map(placeOf))].join(", "),
    [release.withdrawn ? "withdrawn" : "", release.notes ?? ""].filter(Boolean).join(": "),
  ];
}

/** A server's host, or the folder on this machine; a path may hold anything and is therefore shown escaped. */
function placeOf(url: string): string {
  const { host, protocol, pathname } = new URL(url);
  if (protocol === "file:") return pathname.slice(0, pathname.lastIndexOf("/"));
  return host === "" ? pathname : host;
}

function holes(releases: readonly ShownRelease[]): string[] {
  const sources = [...new Set(releases.flatMap(({ missingFrom }) => missingFrom))];
  return sources.map((source) => {
    const missing = releases.filter(({ missingFrom }) => missingFrom.includes(source));
    return `${source} lacks ${missing.length} of ${releases.length}: ${missing.map(({ version }) => version).join(" ")}`;
  });
}

function differences(releases: readonly ShownRelease[]): string[] {
  return releases.flatMap(({ version, difference }) =>
    difference === undefined ? [] : [`${version} has different content: ${difference}`],
  );
}
