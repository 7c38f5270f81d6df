// What of a change is cut finely, and what a bisect should look at first, as the command line says it.
import { loadCatalog } from "../catalog/catalog.js";
import { topicMatcher } from "../changes/topics.js";
import { usageFault } from "../fault/fault.js";
import type { SplitLimits } from "../split/plan-split.js";
import type { Slot } from "../split/slot.js";
import { readTextFile } from "./read-text-file.js";

export interface LimitOptions {
  path?: string[];
  topic?: string;
  suspects?: string;
  driver?: string;
}

/** Usage faults: an unknown topic, a file that is not what `tarbisect suspects --json` prints. */
export async function limitsOf(options: LimitOptions, cwd: string): Promise<SplitLimits> {
  const byTopic = options.topic === undefined ? undefined : await topicTest(options.topic, options.driver);
  const folders = options.path?.map((path) => path.replace(/^\.\//, "").replace(/\/+$/, ""));
  const isUnder = ({ file }: Slot): boolean =>
    folders === undefined || folders.some((folder) => file === folder || file.startsWith(`${folder}/`));
  const suspects = options.suspects === undefined ? undefined : readSuspects(options.suspects, cwd);
  return {
    ...((byTopic ?? folders) && { isFine: (slot) => isUnder(slot) && (byTopic?.(slot) ?? true) }),
    ...(suspects && { isSuspect: (slot) => suspects.has(`${slot.file} ${unitOf(slot)}`) }),
  };
}

function unitOf({ within, old, new: now }: Slot): string {
  return within ?? (now ?? old)!.name;
}

async function topicTest(topic: string, driver: string | undefined): Promise<(slot: Slot) => boolean> {
  if (driver === undefined) throw usageFault("--topic needs --driver, whose catalog says what a topic is");
  const { topics } = await loadCatalog(driver);
  if (!(topic in topics))
    throw usageFault(`"${topic}" is no topic of ${driver}`, `its topics: ${Object.keys(topics).join(", ")}`);
  const topicsOf = topicMatcher(topics);
  return (slot) => topicsOf(unitOf(slot), slot.file).includes(topic);
}

function readSuspects(file: string, cwd: string): Set<string> {
  const told = `"${file}" is not what tarbisect suspects --json prints`;
  let value: unknown;
  try {
    value = JSON.parse(readTextFile(file, cwd));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw usageFault(told);
  }
  const list = (value as { suspects?: unknown } | null)?.suspects;
  if (!Array.isArray(list)) throw usageFault(told);
  return new Set(
    list.slice(0, mostSuspects).map((each: { file?: unknown; name?: unknown }) => {
      if (typeof each.file !== "string" || typeof each.name !== "string") throw usageFault(told);
      return `${each.file} ${each.name}`;
    }),
  );
}

/** More than these are no suspicion any more: placed near the middle, they would fill the branch. */
const mostSuspects = 20;
