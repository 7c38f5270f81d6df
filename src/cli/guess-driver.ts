import type { Catalog } from "../catalog/catalog.js";

/**
 * The catalog whose topics fit a tree: the one that is named, else the shipped driver with a NAME_main.c in it.
 */
export async function catalogOfTree(
  named: string | undefined,
  paths: Iterable<string>,
): Promise<Catalog | undefined> {
  const { loadCatalog, shippedDrivers } = await import("../catalog/catalog.js");
  if (named !== undefined) return loadCatalog(named);
  const mains = new Set<string>();
  for (const path of paths) {
    const name = /(?:^|\/)(\w+)_main\.c$/.exec(path)?.[1];
    if (name !== undefined) mains.add(name);
  }
  if (mains.size === 0) return undefined;
  const driver = (await shippedDrivers()).find((name) => mains.has(name));
  return driver === undefined ? undefined : loadCatalog(driver);
}
