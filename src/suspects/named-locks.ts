// A lockdep report names its locks by the expressions that they were set up with: `(&ds->ds_lock){+.+.}`. Only code
// that takes one of them, or that calls while it holds one, can have made the order that the report objects to.
import type { Subject } from "./subjects.js";

const lockClass = /\(([^\s(){}][^{}\n]*)\)\{[^{}\n]{2,}\}/g;
/** Members of the kernel's own lock types, and names that many locks have. */
const anyLock = /^(?:rlock|wait_lock|dep_map|lock|mutex|sem|rwsem|key|work|timer)$/;

/** What a lockdep report is about: the members of the driver's structures that it names; undefined when it names none. */
export function namedLocks(text: string): Subject | undefined {
  const names = [...text.matchAll(lockClass)].flatMap(([, expression]) => memberOf(expression ?? "") ?? []);
  if (names.length === 0) return undefined;
  const found = [...new Set(names)];
  return {
    words: new RegExp(`\\b(?:${found.join("|")})\\b`),
    about: `the locks of the report (${found.join(", ")})`,
    narrow: true,
    lifetime: false,
  };
}

/** `ds_lock` of `&ds->ds_lock`, `d_lock` of `&(&dentry->d_lock)->rlock`; a name without a structure is the kernel's. */
function memberOf(expression: string): string | undefined {
  const members = [...expression.matchAll(/(?:->|\.)(\w+)/g)].map(([, name]) => name ?? "");
  return members.findLast((name) => !anyLock.test(name));
}
