import type { TopicRules } from "../changes/topics.js";
import { catalogOfTree } from "./catalog-of-tree.js";

/** The topics of the catalog that fits a tree; none when there is no such driver. */
export async function topicsOfTree(named: string | undefined, paths: Iterable<string>): Promise<TopicRules> {
  return (await catalogOfTree(named, paths))?.topics ?? {};
}
