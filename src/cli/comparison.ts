// A comparison of two trees, or the one that was made before of the same blobs with the same topics by the same code.
import { createHash } from "node:crypto";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import type { ChangeSet } from "../changes/change-set.js";
import { compareTrees } from "../changes/compare-trees.js";
import type { TopicRules } from "../changes/topics.js";
import { cacheFolder } from "../host/cache-folder.js";
import { PackStore } from "../host/pack-store.js";
import type { Tree } from "../history/trees.js";
import { codeVersion } from "./code-version.js";
import { differing } from "./differing.js";
import { readDifferingTrees } from "./read-trees.js";
import { SourceIndex } from "./source-index.js";

export interface ComparisonOptions {
  env: NodeJS.ProcessEnv;
  /** Only this folder or file. */
  path?: string | undefined;
  topics?: TopicRules;
}

/**
 * For V8 when a run takes half a second: what it would inline costs more than it saves, functions are compiled plainly at
 * their first call and optimised at half the usual amount of work.
 */
const forHalfASecond = ["--no-turbo-inlining", "--always-sparkplug", "--interrupt-budget=30000"];

const limitBytes = 64 * 1024 * 1024;
const largestBytes = 12 * 1024 * 1024;

export async function compareThroughCache(
  before: Tree,
  after: Tree,
  options: ComparisonOptions,
): Promise<ChangeSet> {
  const place = {
    folder: join(cacheFolder(options.env), "index"),
    kind: "changes",
    version: codeVersion(),
    limitBytes,
  };
  const store = new PackStore(place, Date.now());
  const key = keyOf(before, after, options);
  const stored = store.get(key);
  const changes =
    stored === undefined
      ? await compare(before, after, options)
      : (JSON.parse(stored.toString()) as ChangeSet);
  if (stored === undefined) {
    const value = Buffer.from(JSON.stringify(changes));
    if (value.length <= largestBytes) store.put(key, value);
  }
  store.save();
  return { ...changes, old: before.label, new: after.label };
}

async function compare(
  before: Tree,
  after: Tree,
  { env, path, topics }: ComparisonOptions,
): Promise<ChangeSet> {
  for (const flag of forHalfASecond) setFlagsFromString(flag);
  const index = new SourceIndex(env);
  const trees = await readDifferingTrees(before, after, { path, index });
  const changes = compareTrees(trees.before, trees.after, topics);
  index.save();
  return changes;
}

/** All that the answer depends on: which blobs stand where, and the topics. */
function keyOf(before: Tree, after: Tree, { path, topics }: ComparisonOptions): string {
  const side = (tree: Tree, other: Tree): string[][] =>
    differing(tree, other, path).map((name) => [name, tree.files.get(name)?.id ?? ""]);
  const whole = JSON.stringify([side(before, after), side(after, before), topics ?? {}]);
  return createHash("sha1").update(whole).digest("hex");
}
