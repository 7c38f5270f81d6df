// Several listings of one driver become one line of releases, in numeric order, with the holes named.
import type { Release } from "./release.js";
import type { Listing } from "./source.js";
import { compareVersions } from "./version.js";

export interface MergedRelease extends Release {
  /** The sources that hold it, in the order they were given. */
  sources: readonly string[];
  /** The sources that lack it. */
  missingFrom: readonly string[];
  /** Set when sources state different content, in words with both values. */
  difference?: string;
}

/** Where sources differ, what the first states stands; URLs are joined in the order of the sources. */
export function mergeListings(listings: readonly Listing[]): MergedRelease[] {
  const versions = listings.flatMap(({ releases }) => releases.map(({ version }) => version));
  const distinct = [...new Set(versions)].sort(compareVersions);
  return distinct
    .filter((version, at) => at === 0 || compareVersions(distinct[at - 1]!, version) !== 0)
    .map((version) => mergeOne(version, listings));
}

function mergeOne(version: string, listings: readonly Listing[]): MergedRelease {
  const held = listings.flatMap(({ source, releases }) => {
    const release = releases.find((other) => compareVersions(other.version, version) === 0);
    return release ? [{ source, release }] : [];
  });
  const sources = held.map(({ source }) => source);
  const difference = differenceOf(held);
  return {
    // The first source is spread last: what it states stands.
    ...held.reduceRight<Release>((merged, { release }) => ({ ...merged, ...release }), held[0]!.release),
    urls: [...new Set(held.flatMap(({ release }) => release.urls))],
    withdrawn: held.some(({ release }) => release.withdrawn),
    sources,
    missingFrom: listings.map(({ source }) => source).filter((source) => !sources.includes(source)),
    ...(difference === undefined ? {} : { difference }),
  };
}

function differenceOf(held: readonly { source: string; release: Release }[]): string | undefined {
  for (const [key, unit] of [
    ["sha256", ""],
    ["sizeBytes", " bytes"],
  ] as const) {
    const stated = held.filter(({ release }) => release[key] !== undefined);
    const [first] = stated;
    const other = stated.find(({ release }) => release[key] !== first?.release[key]);
    if (first && other) {
      const said = ({ source, release }: typeof other): string => `${source} ${release[key]}${unit}`;
      return `${key === "sha256" ? "sha256" : "size"}: ${said(first)}, ${said(other)}`;
    }
  }
  return undefined;
}
