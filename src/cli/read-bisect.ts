import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { runCommand } from "../host/run-command.js";
import { parseBisectLog } from "../bisect/git-log.js";
import type { BisectFacts, CulpritFacts, ReportFacts } from "../report/assemble-report.js";

type Timeline = ReportFacts["timeline"];

const mostCommits = 2000;

/** git's folder that all work trees share; undefined outside of a repository. */
export async function gitFolder(cwd: string): Promise<string | undefined> {
  const found = await git(cwd, "rev-parse", "--git-common-dir");
  return found === undefined ? undefined : resolve(cwd, found);
}

/** The bisect that runs or has ended in the repository at `cwd`; undefined when there is none. */
export async function readBisect(cwd: string): Promise<BisectFacts | undefined> {
  const own = await git(cwd, "rev-parse", "--git-dir");
  if (own === undefined || !existsSync(join(resolve(cwd, own), "BISECT_LOG"))) return undefined;
  const text = await git(cwd, "bisect", "log");
  const log = text === undefined ? undefined : parseBisectLog(text, readTerms(resolve(cwd, own)));
  if (log === undefined) return undefined;
  const labels = await tagLabels(cwd);
  const bad = log.bad.at(-1)?.commit;
  const left =
    bad === undefined || log.good.length === 0
      ? undefined
      : await git(cwd, "rev-list", "--count", bad, "--not", ...log.good.map(({ commit }) => commit));
  return {
    source: "git bisect log",
    log,
    candidates: log.firstBad === undefined ? Number(left ?? 0) : 1,
    labelOf: (commit) => labels.get(commit) ?? commit.slice(0, 12),
  };
}

/** The first bad commit with its diff. */
export async function readCulprit(cwd: string, bisect: BisectFacts): Promise<CulpritFacts | undefined> {
  const found = bisect.log.firstBad;
  if (found === undefined) return undefined;
  const parent = await git(cwd, "rev-parse", "--verify", "--quiet", `${found.commit}^`);
  if (parent === undefined) return undefined;
  const { commit, subject } = found;
  const plain = [
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--no-renames",
    "--src-prefix=a/",
    "--dst-prefix=b/",
  ];
  const diff = await runCommand(["git", "diff", "-U3", ...plain, parent, commit], { cwd });
  return { commit, parent, label: bisect.labelOf(commit), subject, diff: diff.stdout.toString() };
}

/** The commits from `good` to `bad` along the first parents, both ends with them, oldest first. */
export async function readTimeline(cwd: string, good: string, bad: string): Promise<Timeline> {
  const range = [
    `--max-count=${mostCommits}`,
    "--first-parent",
    "--format=%H%x09%s",
    good,
    bad,
    "--not",
    `${good}^@`,
  ];
  const listing = await git(cwd, "log", "--reverse", ...range);
  const labels = await tagLabels(cwd);
  return (listing ?? "").split("\n").flatMap((line) => {
    const [commit, subject] = [line.slice(0, line.indexOf("\t")), line.slice(line.indexOf("\t") + 1)];
    if (commit === "") return [];
    const tag = labels.get(commit);
    return [
      {
        commit,
        label: tag ?? commit.slice(0, 12),
        subject,
        isRelease: tag !== undefined && !tag.startsWith("split/"),
      },
    ];
  });
}

/** "Name <address>" of who writes here; undefined when git knows none. */
export async function writerOf(cwd: string): Promise<string | undefined> {
  const ident = await git(cwd, "var", "GIT_AUTHOR_IDENT");
  return /^(.*<[^<>]+@[^<>]+>)/.exec(ident ?? "")?.[1];
}

/** The commit that a version, a tag or another revision means; undefined for none. */
export async function commitOf(cwd: string, name: string): Promise<string | undefined> {
  if (name === "" || name.startsWith("-")) return undefined;
  for (const candidate of [`refs/tags/v${name}`, `refs/tags/in-tree/${name}`, name]) {
    const found = await git(
      cwd,
      "rev-parse",
      "--verify",
      "--quiet",
      "--end-of-options",
      `${candidate}^{commit}`,
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The day of a commit, YYYY-MM-DD. */
export async function dayOf(cwd: string, commit: string): Promise<string | undefined> {
  return git(cwd, "show", "-s", "--format=%as", commit);
}

/** Releases by their tags, and the last commit of a split release by its branch. */
async function tagLabels(cwd: string): Promise<Map<string, string>> {
  const format = "%(objectname)%09%(*objectname)%09%(refname:strip=2)";
  const listing =
    (await git(cwd, "for-each-ref", `--format=${format}`, "refs/tags", "refs/heads/split")) ?? "";
  const rows = listing.split("\n").map((line) => line.split("\t"));
  const labels = new Map<string, string>();
  for (const [tag, commit, name] of rows)
    if (name !== undefined && /^v\d|^in-tree\/|^split\//.test(name)) labels.set(commit || tag!, name);
  return labels;
}

function readTerms(gitDir: string): { good: string; bad: string } {
  const path = join(gitDir, "BISECT_TERMS");
  if (!existsSync(path)) return { good: "good", bad: "bad" };
  const [bad, good] = readFileSync(path, "utf8").split("\n");
  return { good: good || "good", bad: bad || "bad" };
}

/** What a git command prints, without the last line's end; undefined when it says that there is no such thing. */
async function git(cwd: string, ...args: string[]): Promise<string | undefined> {
  const { end, stdout } = await runCommand(["git", ...args], { cwd });
  return end.kind === "exited" && end.code === 0 ? stdout.toString().replace(/\n$/, "") : undefined;
}
