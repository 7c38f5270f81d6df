// A driver's catalog: what the project (or the user's own file) knows of its releases.
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { messageOf, usageFault } from "../fault/fault.js";
import { packageRoot } from "../host/package-root.js";
import type { CatalogFile, Fixup, Topic } from "./catalog-shape.js";
import { tryCheckedBefore } from "./checked-catalogs.js";
import type { Release } from "./release.js";
import { compareVersions } from "./version.js";

export interface Catalog {
  driver: string;
  /** The .ko's name without its ending. */
  module: string;
  /** Where the Makefile lies inside a release, such as "src". */
  sourceFolder: string;
  recipe: CatalogFile["recipe"];
  topics: Readonly<Record<string, Topic>>;
  fixups: readonly Fixup[];
  /** The vendor's own listings (SourceForge RSS, GitHub JSON, a page with links). */
  listings: readonly string[];
  /** In numeric version order. */
  releases: readonly Release[];
  /** The YAML file it came from. */
  path: string;
}

const shippedFolder = join(packageRoot, "releases");

/**
 * Reads and checks a catalog: a driver's name (releases/NAME.yaml of the project) or the path of a YAML file (it
 * holds a slash or ends in .yaml). Every problem is told at once, each with its line and column, as one usage fault.
 */
export async function loadCatalog(driverOrPath: string): Promise<Catalog> {
  const path = catalogPath(driverOrPath);
  const text = readText(path);
  const { releases, ...rest } = tryCheckedBefore(path, text) ?? (await check(path, text));
  return {
    ...rest,
    path,
    releases: releases
      .map((release) => ({
        driver: rest.driver,
        ...release,
        urls: release.urls.map((url) => fullUrl(url, path)),
      }))
      .sort((a, b) => compareVersions(a.version, b.version)),
  };
}

/** The drivers whose catalog the project ships. */
export function shippedDrivers(): string[] {
  const names = readdirSync(shippedFolder);
  return names.filter((file) => file.endsWith(".yaml")).map((file) => file.slice(0, -".yaml".length));
}

function catalogPath(driverOrPath: string): string {
  if (driverOrPath.includes("/") || /\.ya?ml$/.test(driverOrPath)) return resolve(driverOrPath);
  const known = shippedDrivers();
  if (known.includes(driverOrPath)) return join(shippedFolder, `${driverOrPath}.yaml`);
  throw usageFault(
    `there is no catalog for driver "${driverOrPath}"`,
    `known drivers: ${known.join(", ")}; or give the path of a catalog of your own (./${driverOrPath}.yaml)`,
  );
}

/** The checker and what it needs are loaded for catalogs that the build has not checked. */
async function check(path: string, text: string): Promise<CatalogFile> {
  return (await import("./check-catalog.js")).checkCatalog(path, text);
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw usageFault(`cannot read the catalog ${path}: ${messageOf(error)}`);
  }
}

function fullUrl(url: string, path: string): string {
  return URL.canParse(url) ? url : new URL(url, pathToFileURL(path)).href;
}
