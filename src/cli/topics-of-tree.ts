import { loadCatalog, shippedDrivers } from "../catalog/catalog.js";
import type { TopicRules } from "../changes/topics.js";

/**
 * The topics of the catalog that fits a tree: the one that is named (a driver or a path), else the shipped driver with
 * a NAME_main.c in it; none when there is no such driver.
 */
export async function topicsOfTree(named: string | undefined, paths: Iterable<string>): Promise<TopicRules> {
  if (named !== undefined) return (await loadCatalog(named)).topics;
  const mains = new Set<string>();
  for (const path of paths) {
    const name = /(?:^|\/)(\w+)_main\.c$/.exec(path)?.[1];
    if (name !== undefined) mains.add(name);
  }
  if (mains.size === 0) return {};
  const driver = (await shippedDrivers()).find((name) => mains.has(name));
  return driver === undefined ? {} : (await loadCatalog(driver)).topics;
}
