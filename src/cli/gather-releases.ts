import { fingerprint, findCached } from "../catalog/archive-cache.js";
import { loadCatalog } from "../catalog/catalog.js";
import { mergeListings } from "../catalog/merge-listings.js";
import type { MergedRelease } from "../catalog/merge-listings.js";
import { openNetwork } from "../catalog/network.js";
import { openSource } from "../catalog/open-source.js";
import type { Listing } from "../catalog/source.js";
import type { Call } from "./call.js";
import { downloadSettings } from "./download-settings.js";
import type { ShownRelease } from "./releases-text.js";

/** The releases of a driver as its catalog and other sources tell them, and which of them the cache holds. */
export async function gatherReleases(
  driverOrPath: string,
  places: { sources: readonly string[]; online: boolean },
  call: Call,
): Promise<ShownRelease[]> {
  const settings = downloadSettings(call);
  const catalog = await loadCatalog(driverOrPath);
  const network = openNetwork(settings);
  try {
    const listings: Listing[] = [{ source: "catalog", releases: catalog.releases }];
    for (const place of [...places.sources, ...(places.online ? catalog.listings : [])])
      listings.push(await openSource(place, { driver: catalog.driver, network, signal: call.signal }));
    return await Promise.all(
      mergeListings(listings).map((release) => withCached(release, settings.cacheFolder)),
    );
  } finally {
    await network.close();
  }
}

async function withCached(release: MergedRelease, cacheFolder: string): Promise<ShownRelease> {
  const cached = await findCached(cacheFolder, release);
  if (cached === undefined || release.sha256 === undefined || release.difference !== undefined)
    return { ...release, cached };
  const { sha256 } = await fingerprint(cached);
  if (sha256 === release.sha256) return { ...release, cached };
  return {
    ...release,
    cached,
    difference: `sha256: ${release.sources[0]} ${release.sha256}, cache ${sha256}`,
  };
}
