import { access, readdir, stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { loadCatalog, shippedDrivers } from "../catalog/catalog.js";
import { ensureArchives, type DownloadSettings } from "../catalog/download.js";
import { mergeListings } from "../catalog/merge-listings.js";
import { openNetwork } from "../catalog/network.js";
import { openSource } from "../catalog/open-source.js";
import type { Release } from "../catalog/release.js";
import type { Listing } from "../catalog/source.js";
import { Fault, harnessFault, messageOf, usageFault } from "../fault/fault.js";
import type { ReleaseSource } from "../history/read-release.js";
import type { Call } from "./call.js";
import { downloadSettings } from "./download-settings.js";

/** What `import` was asked for, with every archive at hand. */
export async function importSources(
  asked: { driver: string | undefined; places: readonly string[] },
  call: Call,
): Promise<{ driver: string; sources: ReleaseSource[]; leftOut: string[] }> {
  const places = asked.places.map((place) => (/^https?:/.test(place) ? place : resolve(call.cwd, place)));
  if (asked.driver === undefined && places.length === 0)
    throw usageFault(
      "neither a driver nor --from was given",
      "tarbisect import i40e, or tarbisect import --from FOLDER",
    );
  const name = asked.driver ?? (await driverOfArchives(places[0]!));
  const settings = downloadSettings(call);
  const { driver, releases } = await listReleases(name, places, settings);
  const sources = await withArchives(releases, settings, call);
  if (sources.length === 0) throw usageFault(`no release of ${driver} could be had`);
  const had = new Set(sources.map(({ version }) => version));
  const leftOut = releases.flatMap(({ version }) => (had.has(version) ? [] : [version]));
  return { driver, sources, leftOut };
}

/** Of a driver without a catalog, only what --from holds is known. */
async function listReleases(
  name: string,
  places: readonly string[],
  settings: DownloadSettings,
): Promise<{ driver: string; releases: Release[] }> {
  const isCatalog = /[/.]/.test(name) || shippedDrivers().includes(name);
  const catalog = isCatalog || places.length === 0 ? await loadCatalog(name) : undefined;
  const driver = catalog?.driver ?? name;
  if (places.length === 0) return { driver, releases: [...catalog!.releases] };
  const { signal } = settings;
  const network = openNetwork(settings);
  try {
    const listings: Listing[] = [];
    for (const place of places)
      listings.push(await openSource(place, { driver, network, signal, sums: places.length > 1 }));
    const found = mergeListings(listings);
    const differing = found.find((release) => release.difference !== undefined);
    if (differing)
      throw usageFault(`two sources hold another ${driver} ${differing.version}: ${differing.difference!}`);
    const known = new Map(catalog?.releases.map((release) => [release.version, release]));
    return {
      driver,
      releases: found.map((release) => datedBy(known.get(release.version), release)),
    };
  } finally {
    await network.close();
  }
}

/** The catalog's date and withdrawal stand; what a source says of its own file stands too. */
function datedBy(known: Release | undefined, found: Release): Release {
  return {
    ...found,
    ...(known?.date ? { date: known.date } : {}),
    withdrawn: known?.withdrawn ?? found.withdrawn,
  };
}

/** A release that can't be had any more leaves a hole, said aloud; the others can still be bisected. */
async function withArchives(
  releases: readonly Release[],
  settings: DownloadSettings,
  call: Call,
): Promise<ReleaseSource[]> {
  const sources = await toSources(
    releases.filter((release) => !release.withdrawn),
    settings,
  );
  for (const release of releases.filter((one) => one.withdrawn))
    sources.push(
      ...(await toSources([release], settings).catch((error: unknown) => {
        if (settings.signal?.aborted || !(error instanceof Fault)) throw error;
        return [{ release, fault: error }];
      })),
    );
  return sources.flatMap((source) => {
    if (!("fault" in source)) return [source];
    const { driver, version, withdrawn } = source.release;
    const known = withdrawn ? ", withdrawn by the vendor" : "";
    call.note(`left out: ${driver} ${version}${known}: ${messageOf(source.fault)}\n`);
    return [];
  });
}

interface Absent {
  release: Release;
  fault: Fault;
}

/** What lies on this machine with no sum to hold it against is hashed only where it is read. */
async function toSources(
  releases: readonly Release[],
  settings: DownloadSettings,
): Promise<(ReleaseSource | Absent)[]> {
  const isAtHand = (release: Release): boolean =>
    release.sha256 === undefined && fileUrl(release) !== undefined;
  const atHand = releases.filter(isAtHand);
  const others = releases.filter((release) => !isAtHand(release));
  const archives = others.length > 0 ? await ensureArchives(others, settings) : [];
  return [
    ...(await Promise.all(atHand.map(async (release) => toSource(release, await findLocal(release))))),
    ...others.map((release, at) => {
      const got = archives[at]!;
      return got instanceof Fault ? { release, fault: got } : toSource(release, got);
    }),
  ];
}

async function findLocal(release: Release): Promise<{ path: string }> {
  const path = fileURLToPath(fileUrl(release)!);
  await access(path).catch((cause: unknown) => {
    throw harnessFault(`cannot read ${path}: ${messageOf(cause)}`, { cause });
  });
  return { path };
}

function fileUrl({ urls }: Release): string | undefined {
  return urls.find((url) => url.startsWith("file:"));
}

function toSource(release: Release, archive: { path: string; sha256?: string }): ReleaseSource {
  const url = release.urls.find((one) => /^https?:/.test(one));
  return {
    driver: release.driver,
    version: release.version,
    archivePath: archive.path,
    withdrawn: release.withdrawn,
    ...(archive.sha256 === undefined ? {} : { sha256: archive.sha256 }),
    ...(release.date === undefined ? {} : { date: release.date }),
    ...(url === undefined ? {} : { url }),
  };
}

async function driverOfArchives(place: string): Promise<string> {
  const found = await stat(place).catch(() => undefined);
  if (found === undefined && !/^https?:/.test(place))
    throw usageFault(`there is no folder or archive ${place}`, "tarbisect import --from FOLDER");
  const names = found?.isDirectory() ? await readdir(place) : [basename(place)];
  const drivers = new Set(
    names.flatMap((name) => /^(\w[\w.-]*?)-v?\d.*\.(?:t\w+|zip|gz|bz2|xz|zst)$/.exec(name)?.[1] ?? []),
  );
  const [only] = drivers;
  if (drivers.size !== 1 || only === undefined)
    throw usageFault(
      drivers.size === 0
        ? `${place} holds no archive named DRIVER-VERSION.tar.gz`
        : `${place} holds archives of several drivers: ${[...drivers].join(", ")}`,
      "name the driver: tarbisect import DRIVER --from PATH",
    );
  return only;
}
