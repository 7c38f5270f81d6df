// Topics of changed units: by the catalog's names and files, then by neighbours. A static helper that only functions of
// one topic call belongs to that topic, whatever its name says.
import type { SourceFile } from "../source/source-file.js";
import type { UnitChange } from "./change-set.js";

/** As a catalog states it: names of functions and paths of files, `*` stands for any letters (in paths: but /). */
export interface TopicRule {
  functions: readonly string[];
  files: readonly string[];
}

export type TopicRules = Readonly<Record<string, TopicRule>>;

type TopicOf = (name: string, file: string) => string[];

const rounds = 4;

/** `sources`: the scanned files of the new tree (of the old one where a file is gone), by path. */
export function assignTopics(
  units: readonly UnitChange[],
  rules: TopicRules,
  sources: ReadonlyMap<string, SourceFile>,
): UnitChange[] {
  const byRule = topicMatcher(rules);
  const known = new Map(
    units.map((unit) => [
      unit,
      [...new Set([...byRule(unit.name, unit.file), ...byRule(unit.oldName ?? unit.name, unit.file)])],
    ]),
  );
  const inherited = new Map<string, string[]>();
  const topicOf: TopicOf = (name, file) => {
    const own = byRule(name, file);
    return own.length > 0 ? own : (inherited.get(`${file} ${name}`) ?? []);
  };
  const open = units.filter((unit) => known.get(unit)?.length === 0 && isStaticFunction(unit));
  const users = new Map(open.map((unit) => [unit, usersOf(unit.name, sources.get(unit.file))]));
  for (let round = 0; round < rounds; round++)
    for (const unit of open) {
      const topics = commonTopics(users.get(unit)!.map((name) => topicOf(name, unit.file)));
      if (topics.length === 0) continue;
      inherited.set(`${unit.file} ${unit.name}`, topics);
      known.set(unit, topics);
    }
  return units.map((unit) => ({ ...unit, topics: known.get(unit) ?? [] }));
}

/** The topics of a unit by its name and file alone. */
export function topicMatcher(rules: TopicRules): TopicOf {
  const compiled = Object.entries(rules).map(([topic, { functions, files }]) => ({
    topic,
    names: functions.map((glob) => globToPattern(glob, "\\w*")),
    paths: files.map((glob) => globToPattern(glob, "[^/]*")),
  }));
  return (name, file) =>
    compiled
      .filter(
        ({ names, paths }) => names.some((one) => one.test(name)) || paths.some((one) => one.test(file)),
      )
      .map(({ topic }) => topic);
}

function globToPattern(glob: string, star: string): RegExp {
  const escaped = glob.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${escaped.join(star)}$`);
}

function isStaticFunction(unit: UnitChange): boolean {
  const text = unit.newText || unit.oldText;
  return unit.kind === "function" && /^[^{(]*\bstatic\b/.test(text);
}

function commonTopics([first, ...rest]: readonly string[][]): string[] {
  return (first ?? []).filter((topic) => rest.every((topics) => topics.includes(topic)));
}

/** The units of a file that name a function, its own definitions and prototypes left out. */
function usersOf(name: string, source: SourceFile | undefined): string[] {
  const users = new Set<string>();
  if (source === undefined) return [];
  const { text } = source;
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + name.length)) {
    if (isWordPart(text[at - 1]) || isWordPart(text[at + name.length])) continue;
    const unit = source.units[unitIndexAt(source, at)];
    const isInside = unit !== undefined && unit.span.startOffset <= at;
    if (isInside && unit.name !== name && (unit.kind === "function" || unit.kind === "table"))
      users.add(unit.name);
  }
  return [...users];
}

function isWordPart(char: string | undefined): boolean {
  return char !== undefined && /\w/.test(char);
}

function unitIndexAt(source: SourceFile, offset: number): number {
  let low = 0;
  let high = source.units.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (source.units[middle]!.span.endOffset > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}
