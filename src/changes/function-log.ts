// One function through all releases, newest first, following moves and renames. A release says cheaply whether a
// function differs; texts are read only of those that do.
import type { UnitChange } from "./change-set.js";
import { matchUnits, type Placed } from "./match-units.js";
import { findRenames } from "./renames.js";
import { changedUnit, loneUnit, movedUnit, renamedUnit } from "./unit-change.js";

export interface LogRelease {
  /** Equal for two releases in which the function is the same; "" where there is none. */
  fingerprint(name: string): Promise<string>;
  functionNames(): Promise<ReadonlySet<string>>;
  /** Every definition of these functions. */
  definitions(names: ReadonlySet<string>): Promise<Placed[]>;
}

export interface LogEntry {
  /** Index of the release that made the change. */
  at: number;
  changes: UnitChange[];
}

/** The releases that changed a function, from the last of `count` releases to the first. */
export async function functionLog(
  name: string,
  count: number,
  open: (at: number) => Promise<LogRelease>,
): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  let known = name;
  let after = count > 0 ? await open(count - 1) : undefined;
  for (let at = count - 1; at > 0 && after !== undefined; at--) {
    const before = await open(at - 1);
    if ((await before.fingerprint(known)) !== (await after.fingerprint(known))) {
      const changes = await changesOf(known, before, after);
      if (changes.length > 0) entries.push({ at, changes });
      known = changes.find((change) => change.name === known)?.oldName ?? known;
    }
    after = before;
  }
  const first = (await after?.definitions(new Set([known]))) ?? [];
  if (first.length > 0) entries.push({ at: 0, changes: first.map((one) => loneUnit("added", one)) });
  return entries;
}

async function changesOf(name: string, before: LogRelease, after: LogRelease): Promise<UnitChange[]> {
  const wanted = new Set([name]);
  const [olds, news] = await Promise.all([before.definitions(wanted), after.definitions(wanted)]);
  const changes: UnitChange[] = [];
  const gone: Placed[] = [];
  const fresh: Placed[] = [];
  for (const file of new Set([...olds, ...news].map(baseOf))) {
    const isHere = (placed: Placed): boolean => baseOf(placed) === file;
    const match = matchUnits(olds.filter(isHere), news.filter(isHere));
    changes.push(...match.pairs.flatMap((pair) => changedUnit(pair.before, pair.after) ?? []));
    gone.push(...match.gone);
    fresh.push(...match.fresh);
  }
  const moves = matchUnits(gone, fresh);
  changes.push(...moves.pairs.map((pair) => movedUnit(pair.before, pair.after)));
  const rename = olds.length === 0 || news.length === 0 ? await renameOf(name, before, after) : undefined;
  if (rename !== undefined) return [rename];
  const removed = moves.gone.map((one) => loneUnit("removed", one));
  return [...changes, ...removed, ...moves.fresh.map((one) => loneUnit("added", one))];
}

/** A folder that moved is no change of its files. */
function baseOf({ file }: Placed): string {
  return file.path.slice(file.path.lastIndexOf("/") + 1);
}

/** All functions that came or went are looked at: another one may be the better match. */
async function renameOf(
  name: string,
  before: LogRelease,
  after: LogRelease,
): Promise<UnitChange | undefined> {
  const [olds, news] = await Promise.all([before.functionNames(), after.functionNames()]);
  const gone = await before.definitions(new Set([...olds].filter((one) => !news.has(one))));
  const fresh = await after.definitions(new Set([...news].filter((one) => !olds.has(one))));
  const rename = findRenames(gone, fresh).find(
    (pair) => pair.before.unit.name === name || pair.after.unit.name === name,
  );
  return rename && renamedUnit(rename);
}
