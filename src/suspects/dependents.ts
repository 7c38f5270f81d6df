// Functions that the bad release did not change, but that depend on a contract which it did: a mistake of omission has
// no changed line of its own.
import type { ChangeSet, UnitChange } from "../changes/change-set.js";
import type { CallGraph } from "./call-graph.js";
import type { Reach } from "./reach.js";

export interface Dependent {
  name: string;
  file: string;
  /** What changed, and how this function depends on it. */
  contracts: string[];
  /** From a function of the trace to this one; empty when none leads here. */
  path: string[];
  /** Whether the fixed release changes it; undefined when none is known. */
  fixed?: boolean;
}

interface Contract {
  /** A word of the functions that depend on it. */
  word: string;
  text: string;
}

/** A contract that many functions depend on was changed with them in mind, or changes nothing for them. */
const mostUsers = 12;
const mostListed = 50;

/** The unchanged users of changed contracts, those nearest to the trace first. */
export function dependentsOf(
  changes: Pick<ChangeSet, "units">,
  graph: CallGraph,
  known: { reach: ReadonlyMap<string, Reach>; fix?: Pick<ChangeSet, "units"> },
): Dependent[] {
  const changed = new Set(changes.units.flatMap(({ kind, name }) => (kind === "function" ? [name] : [])));
  const users = usersOf(changes.units.flatMap(contractsOf), changed, graph);
  const fixed = known.fix && new Set(known.fix.units.map(({ name, oldName }) => oldName ?? name));
  const weightOf = ({ name, contracts, fixed: again }: Dependent): number =>
    (known.reach.get(name)?.score ?? 0.01) * (again === true ? 4 : 1) * (1 + Math.log2(contracts.length));
  return [...users]
    .map(([name, contracts]): Dependent => ({
      name,
      file: graph.files.get(name) ?? "",
      contracts: [...new Set(contracts)],
      path: known.reach.get(name)?.path ?? [],
      ...(fixed === undefined ? {} : { fixed: fixed.has(name) }),
    }))
    .sort((a, b) => weightOf(b) - weightOf(a) || (a.name < b.name ? -1 : 1))
    .slice(0, mostListed);
}

function usersOf(
  contracts: readonly Contract[],
  changed: ReadonlySet<string>,
  graph: CallGraph,
): Map<string, string[]> {
  const wanted = new Map<string, string[]>();
  for (const { word, text } of contracts) wanted.set(word, [...(wanted.get(word) ?? []), text]);
  const usersByWord = new Map<string, string[]>();
  for (const [name, words] of graph.words)
    for (const word of wanted.size < words.size ? wanted.keys() : words)
      if (wanted.has(word) && words.has(word) && word !== name)
        usersByWord.set(word, [...(usersByWord.get(word) ?? []), name]);
  const users = new Map<string, string[]>();
  for (const [word, names] of usersByWord) {
    if (names.length > mostUsers) continue;
    for (const name of names)
      if (!changed.has(name)) users.set(name, [...(users.get(name) ?? []), ...(wanted.get(word) ?? [])]);
  }
  return users;
}

function contractsOf(change: UnitChange): Contract[] {
  const { kind, status, name, oldText, newText } = change;
  if (
    status !== "changed" ||
    change.classes.every((one) => one === "comment-only" || one === "whitespace-only")
  )
    return [];
  if (kind === "macro") return [{ word: name, text: `the macro ${name}, which it uses, is another` }];
  if (kind === "struct" || kind === "union")
    return changedMembers(oldText, newText).map((member) => ({
      word: member,
      text: `the member ${member} of ${name}, which it uses, is declared otherwise`,
    }));
  if (kind !== "function") return [];
  return [
    ...(sameReturns(oldText, newText)
      ? []
      : [{ word: name, text: `${name}, which it calls, returns other values` }]),
    ...(sameLocks(oldText, newText)
      ? []
      : [{ word: name, text: `${name}, which it calls, locks otherwise` }]),
  ];
}

function changedMembers(before: string, after: string): string[] {
  const [old, now] = [membersOf(before), membersOf(after)];
  return [...old].flatMap(([name, declaration]) =>
    now.has(name) && now.get(name) !== declaration ? [name] : [],
  );
}

function membersOf(text: string): Map<string, string> {
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
  return new Map(
    [...code.matchAll(/^\s*([^;{}#]*?\b(\w+)(?:\[[^\]]*\])*(?:\s*:\s*\w+)?)\s*;/gm)].map((match) => [
      match[2] ?? "",
      (match[1] ?? "").replace(/\s+/g, " "),
    ]),
  );
}

function sameReturns(before: string, after: string): boolean {
  return sameMatches(before, after, /\breturn\s+(-?[A-Z]\w*|NULL|true|false|-?\d+|ERR_PTR\([^)]*\))\s*;/g);
}

function sameLocks(before: string, after: string): boolean {
  return sameMatches(
    before,
    after,
    /\b((?:raw_)?(?:spin|mutex|read|write|rcu_read|rtnl|down|up)_?(?:un)?lock\w*)\s*\(/g,
  );
}

function sameMatches(before: string, after: string, pattern: RegExp): boolean {
  const found = (text: string): string =>
    [...new Set([...text.matchAll(pattern)].map((match) => match[1]))].sort().join(" ");
  return found(before) === found(after);
}
