// Ranges of releases and kernels: ">=2.12.6 <2.14", "2.13.10", "<1.5 || >=2", "*". Blanks mean "and", || means "or".
import { usageFault } from "../fault/fault.js";
import { compareVersions } from "./version.js";

const COMPARISONS = {
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0,
  "=": (order) => order === 0,
  "!=": (order) => order !== 0,
} as const satisfies Record<string, (order: number) => boolean>;

/** Tells whether a version lies in a range. */
export type VersionTest = (version: string) => boolean;

/** The test that a range's text stands for; throws a usage fault that holds the text when it is no range. */
export function parseRange(text: string): VersionTest {
  const alternatives = text.split("||").map((part) => parseAll(part, text));
  return (version) => alternatives.some((tests) => tests.every((test) => test(version)));
}

/** Whether `version` (a release, or a kernel such as 5.10.0-32-amd64) lies in the range that `range` spells. */
export function inRange(version: string, range: string): boolean {
  return parseRange(range)(version);
}

function parseAll(part: string, whole: string): VersionTest[] {
  const terms = part.trim().split(/\s+(?![\d])/);
  if (terms.length === 1 && terms[0] === "") throw badRange(whole);
  return terms.map((term) => parseTerm(term, whole));
}

function parseTerm(term: string, whole: string): VersionTest {
  if (term === "*") return () => true;
  const found = /^(<=|>=|!=|<|>|=)?\s*(\d[\w.+~-]*)$/.exec(term);
  if (found?.[2] === undefined) throw badRange(whole);
  const bound = found[2];
  const holds = COMPARISONS[(found[1] ?? "=") as keyof typeof COMPARISONS];
  return (version) => holds(compareVersions(version, bound));
}

function badRange(text: string): Error {
  return usageFault(`"${text}" is no range of versions`, 'write it like ">=2.12.6 <2.14", "2.13.10" or "*"');
}
