// What speaks for or against a changed function, one signal per entry. Points are powers of two: +1 is twice as likely.
import type { UnitChange } from "../changes/change-set.js";
import type { Refix } from "./fix-forward.js";
import type { Reach } from "./reach.js";

export interface SuspectContext {
  /** Whether the evidence names any function of the tree. */
  framesKnown: boolean;
  reach: ReadonlyMap<string, Reach>;
  /** The heaviest frame of each file. */
  fileWeights: ReadonlyMap<string, number>;
  /** Words that the symptom's class has to do with, and what to call them. */
  lexicon: { words: RegExp; about: string } | undefined;
  /** Undefined when no fixed release is known. */
  refixes: ReadonlyMap<UnitChange, Refix> | undefined;
}

export interface Reason {
  signal: string;
  points: number;
  text: string;
}

type Signal = (change: UnitChange, context: SuspectContext) => Reason | undefined;

const nowhere = 0.01;

/** Near the symptom: the best path from a frame, or at least in a frame's file. */
const nearness: Signal = (change, { framesKnown, reach, fileWeights }) => {
  if (!framesKnown) return undefined;
  const found = reach.get(change.name);
  const inFile = 0.06 * (fileWeights.get(change.file) ?? 0);
  const points = Math.log2((found?.score ?? nowhere) + inFile) - Math.log2(nowhere);
  if (found !== undefined && found.path.length === 1)
    return reason("frame", points, "stands in the trace itself");
  if (found !== undefined)
    return reason(
      "frame",
      points,
      `${found.path.length - 1} steps from the trace: ${found.path.join(" -> ")}`,
    );
  return inFile > 0 ? reason("frame", points, "in the same file as a function of the trace") : undefined;
};

/** The changed lines speak of what the symptom is about. */
const aboutSymptom: Signal = (change, { lexicon }) =>
  lexicon !== undefined && lexicon.words.test(changedLines(change))
    ? reason("lexicon", Math.log2(1.3), `its changed lines are about ${lexicon.about}`)
    : undefined;

/** The release that is good again changes it again: near, on existing lines, or back to what it was. */
const fixForward: Signal = (change, { refixes }) => {
  if (refixes === undefined) return undefined;
  const refix = refixes.get(change);
  if (refix === undefined) return reason("fix", -1, "the fixed release leaves it as it is");
  const where = refix.distance === 0 ? "on the same lines" : `${refix.distance} lines from this change`;
  const how = refix.returns ? ", back to what it was" : "";
  return reason(
    "fix",
    Math.log2(refix.factor),
    `the fixed release changes ${refix.lines} lines of it, ${where}${how}`,
  );
};

/** Enough to order what is else alike, not to outweigh a step from the trace. */
const slight = Math.log2(1.2);

/**
 * Lines that ran before and run otherwise now can break what worked. A line that is only added often waits behind a new
 * condition, and a new function has to be called first, so its caller changed too.
 */
const editOfExisting: Signal = (change) => {
  if (change.status === "added")
    return reason("edit", -slight, "it is new: what worked before did not run it");
  return change.linesRemoved > 0 ? reason("edit", slight, "it changes lines that ran before") : undefined;
};

/** All signals, in the order in which their reasons are told. */
export const signals: readonly Signal[] = [nearness, fixForward, aboutSymptom, editOfExisting];

function reason(signal: string, points: number, text: string): Reason {
  return { signal, points: Math.round(points * 1000) / 1000, text };
}

/** The lines that only one side has, removed ones first. */
export function changedLines({ oldText, newText }: UnitChange): string {
  const [before, after] = [oldText.split("\n"), newText.split("\n")];
  const [had, has] = [new Set(before.map((l) => l.trim())), new Set(after.map((l) => l.trim()))];
  return [
    ...before.filter((line) => line.trim() !== "" && !has.has(line.trim())).map((line) => `-${line}`),
    ...after.filter((line) => line.trim() !== "" && !had.has(line.trim())).map((line) => `+${line}`),
  ].join("\n");
}
