import type { ChangeClass, ChangeSet, ChangeStatus, UnitChange } from "./change-set.js";

/** What the user wants to see; `*` in names and paths stands for any text. Every filter that is given must hold. */
export interface ChangeFilter {
  function?: string;
  file?: string;
  topic?: string;
  /** One of `statuses`. */
  status?: string;
}

/** What `status` may be: how a unit changed, or a class of its change. */
export const statuses: readonly (ChangeStatus | ChangeClass)[] = [
  "added",
  "removed",
  "changed",
  "moved",
  "renamed",
  "signature",
  "body",
  "definition",
  "condition",
  "comment-only",
  "whitespace-only",
];

/** The same comparison with fewer units; its totals stay those of the whole. */
export function filterChanges(changes: ChangeSet, filter: ChangeFilter): ChangeSet {
  const tests: ((unit: UnitChange) => boolean)[] = [];
  const { function: name, file, topic, status } = filter;
  if (name !== undefined)
    tests.push(
      (unit) => matches(name, unit.name) || (unit.oldName !== undefined && matches(name, unit.oldName)),
    );
  if (file !== undefined)
    tests.push((unit) =>
      [unit.file, unit.oldFile].some((path) => path !== undefined && pathMatches(file, path)),
    );
  if (topic !== undefined) tests.push((unit) => unit.topics.some((own) => matches(topic, own)));
  if (status !== undefined)
    tests.push((unit) => unit.status === status || unit.classes.some((own) => own === status));
  return { ...changes, units: changes.units.filter((unit) => tests.every((test) => test(unit))) };
}

function pathMatches(pattern: string, path: string): boolean {
  return matches(pattern, path) || matches(pattern, path.slice(path.lastIndexOf("/") + 1));
}

/** Whether a text is what a pattern says; `*` stands for any text. */
export function matches(pattern: string, text: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s").test(text);
}
