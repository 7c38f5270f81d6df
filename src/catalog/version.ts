// Versions are compared by their numbers: 2.4.10 comes after 2.4.6, 5.3.5.22s after 5.3.5.22, 2.0-rc1 before 2.0.

const PRE_RELEASE_WORDS = new Set(["alpha", "beta", "pre", "rc"]);
const VERSION = /^\d[0-9A-Za-z.+_~-]*$/;
const LONGEST_VERSION = 64;

/** Whether text may stand as a version in file names, tags and commands: it starts with a digit, has no slash. */
export function isVersion(text: string): boolean {
  return text.length <= LONGEST_VERSION && VERSION.test(text) && !text.includes("..");
}

/** Below 0 when `a` comes before `b`; 0 when they mean the same ("1.02" and "1.2"). */
export function compareVersions(a: string, b: string): number {
  const left = partsOf(a);
  const right = partsOf(b);
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const order = compareParts(left[at], right[at]);
    if (order !== 0) return order;
  }
  return 0;
}

function partsOf(version: string): string[] {
  return version.toLowerCase().match(/\d+|[a-z]+/g) ?? [];
}

function compareParts(a: string | undefined, b: string | undefined): number {
  const byRank = rankOf(a) - rankOf(b);
  if (byRank !== 0 || a === undefined || b === undefined) return byRank;
  if (!/\d/.test(a)) return a < b ? -1 : a > b ? 1 : 0;
  const [left, right] = [stripZeros(a), stripZeros(b)];
  // By length first, so that numbers too long for a double keep their order.
  return left.length - right.length || (left < right ? -1 : left > right ? 1 : 0);
}

/** A pre-release comes before the end of a version, the end before a letter, a letter before a number. */
function rankOf(part: string | undefined): number {
  if (part === undefined) return 1;
  if (/\d/.test(part)) return 3;
  return PRE_RELEASE_WORDS.has(part) ? 0 : 2;
}

function stripZeros(digits: string): string {
  return digits.replace(/^0+(?=\d)/, "");
}
