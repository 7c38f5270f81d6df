// The commits between the two ends of a bisect, in the order in which the search sees them: the good end first.
import { usageFault } from "../fault/fault.js";
import { runChecked } from "../host/run-command.js";

export interface LineCommit {
  commit: string;
  /** "v2.13.10", the split branch that ends here, or the beginning of the id. */
  label: string;
  subject: string;
  /** Its module has the same code as that of the commit before it in the line, as its trailer proves. */
  isSameAsBefore: boolean;
}

export interface Line {
  /** The good end first, the bad end last. */
  commits: readonly LineCommit[];
  /** The bad end is the older one: what is looked for is the commit that mended it. */
  isReversed: boolean;
}

/** A usage fault where neither end leads to the other along first parents. */
export async function readLine(repository: string, good: string, bad: string): Promise<Line> {
  const forward = await firstParents(repository, good, bad);
  if (forward !== undefined) return { commits: forward, isReversed: false };
  const backward = await firstParents(repository, bad, good);
  if (backward === undefined)
    throw usageFault(
      `no line of first parents leads from ${good.slice(0, 10)} to ${bad.slice(0, 10)}`,
      "both ends must be on one branch; git log --oneline --graph",
    );
  // A trailer compares with the parent, which now comes after the commit.
  const commits = backward
    .map((one, at) => ({ ...one, isSameAsBefore: backward[at + 1]?.isSameAsBefore === true }))
    .reverse();
  return { commits, isReversed: true };
}

async function firstParents(
  repository: string,
  first: string,
  last: string,
): Promise<LineCommit[] | undefined> {
  const format = "%H%x00%s%x00%(trailers:key=Tarbisect-Code,valueonly,separator=%x20)";
  const argv = ["git", "log", "--first-parent", `--format=${format}`, "-z", last, "--not", `${first}^@`];
  const fields = (await runChecked(argv, { cwd: repository })).toString().split("\0");
  const tags = await labelsOf(repository);
  const commits = Array.from({ length: Math.floor(fields.length / 3) }, (_, at): LineCommit => {
    const [commit, subject, trailer] = fields.slice(3 * at, 3 * at + 3) as [string, string, string];
    const label = tags.get(commit) ?? commit.slice(0, 10);
    return { commit, label, subject, isSameAsBefore: trailer.trim() === "same-as PARENT" };
  }).reverse();
  return commits[0]?.commit === first ? commits : undefined;
}

async function labelsOf(repository: string): Promise<Map<string, string>> {
  const format = "%(objectname)%09%(*objectname)%09%(refname:strip=2)";
  const named = ["refs/heads/split/", "refs/tags/in-tree/*", "refs/tags/v*"];
  const argv = ["git", "for-each-ref", "--sort=refname", `--format=${format}`, ...named];
  const rows = (await runChecked(argv, { cwd: repository })).toString().split("\n").filter(Boolean);
  return new Map(
    rows.map((row) => {
      const [tag, commit, name] = row.split("\t") as [string, string, string];
      return [commit || tag, name];
    }),
  );
}
