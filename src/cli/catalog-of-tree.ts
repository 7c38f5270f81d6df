import { loadCatalog, shippedDrivers, type Catalog } from "../catalog/catalog.js";

/**
 * The catalog that fits a tree: the one that is named (a driver or a path), else that of the shipped driver with a
 * NAME_main.c in it; undefined when there is no such driver.
 */
export async function catalogOfTree(
  named: string | undefined,
  paths: Iterable<string>,
): Promise<Catalog | undefined> {
  if (named !== undefined) return loadCatalog(named);
  const mains = new Set<string>();
  for (const path of paths) {
    const name = /(?:^|\/)(\w+)_main\.c$/.exec(path)?.[1];
    if (name !== undefined) mains.add(name);
  }
  if (mains.size === 0) return undefined;
  const driver = shippedDrivers().find((name) => mains.has(name));
  return driver === undefined ? undefined : loadCatalog(driver);
}
