// Which changed statements of one function must not come apart: a variable without a value and its uses, a parameter
// and its uses, a statement that changes a variable and those that read what it left.
import { identifiersOf } from "./c-code.js";
import { areExclusive } from "./cases.js";
import { isInitialised, localsOf, readsFirst, writes } from "./locals.js";

/** One changed place of a function; "" where a side has nothing. */
export interface Statement {
  old: string;
  new: string;
  /** The cases that each side lies in (Piece.cases). */
  cases: { old: string; new: string };
}

/** Groups of statements, by index; the first statement is the function's head. */
export function localTies(statements: readonly Statement[], locals: ReadonlySet<string>): number[][] {
  const known = statements.map(({ old: before, new: after }) => identifiersOf(`${before} ${after}`));
  const using = (name: string): number[] => known.flatMap((ids, at) => (ids.has(name) ? [at] : []));
  const groups: number[][] = [];
  for (const [at, statement] of statements.entries()) {
    for (const name of at === 0 ? changedParameters(statement) : changedLocals(statement)) {
      const users = using(name);
      if (at === 0 || needsUsers(statement) || users.length <= 2) groups.push([at, ...users]);
    }
  }
  for (const name of locals) {
    const users = using(name).filter((at) => at > 0);
    for (const side of ["old", "new"] as const) {
      const writers = users.filter((at) => writes(statements[at]![side], name));
      const readers = users.filter((at) => readsFirst(statements[at]![side], name));
      const casesAt = (at: number): string => statements[at]!.cases[side];
      for (const writer of writers)
        for (const reader of readers)
          if (!areExclusive(casesAt(writer), casesAt(reader))) groups.push([writer, reader]);
    }
  }
  return groups;
}

function changedLocals({ old: before, new: after }: Statement): string[] {
  const [gone, come] = [localsOf(before), localsOf(after)];
  if (gone.join() === come.join() && before !== after) return come;
  return [...gone.filter((name) => !come.includes(name)), ...come.filter((name) => !gone.includes(name))];
}

/** A variable that has its value from the start can stand unused; another one is nothing without its users. */
function needsUsers({ old: before, new: after }: Statement): boolean {
  return !isInitialised(after === "" ? before : after) || (before !== "" && after !== "");
}

function changedParameters({ old: before, new: after }: Statement): string[] {
  const [gone, come] = [identifiersOf(before), identifiersOf(after)];
  return [...gone.keys(), ...come.keys()].filter((name) => gone.has(name) !== come.has(name));
}
