// What a line writes that another function may read: a member, a flag, a list, a timer. Two functions that share such
// state depend on each other without any call between them.

const assigned = /(?:->|\.)\s*(\w{3,})(?:\[[^\]]*\])?\s*(?:(?:[-+|&^*/]|<<|>>)?=(?!=)|\+\+|--)/g;
const changing =
  /\b(?:set_bit|clear_bit|test_and_(?:set|clear)_bit|list_(?:add|del|move)\w*|mod_timer|INIT_\w+|init_\w+|atomic\w*_(?:inc|dec|set|add|sub)\w*|kref_\w+|refcount_\w+|wake_up\w*|queue_work|complete)\s*\(([^;]*)/g;
const names = /(?<=->|\.)\w{3,}|\b[A-Z][A-Z0-9]*_[A-Z0-9_]{3,}\b/g;

/** The names of the members and flags that these lines write; [] for lines that only read. */
export function writtenState(lines: readonly string[]): string[] {
  const written = lines.flatMap((line) => [
    ...[...line.matchAll(assigned)].map(([, member]) => member ?? ""),
    ...[...line.matchAll(changing)].flatMap(([, given]) => given?.match(names) ?? []),
  ]);
  return [...new Set(written)];
}
