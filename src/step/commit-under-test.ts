import { join, resolve } from "node:path";
import { harnessFault, usageFault } from "../fault/fault.js";
import { describeEnd, runChecked, runCommand } from "../host/run-command.js";

export interface CommitUnderTest {
  /** The work tree's top folder. */
  repository: string;
  /** 40 hex digits. */
  commit: string;
  /** The release's version, or for a commit between two releases the version of the release before it. */
  version: string;
  /** The releases whose fixups it needs: for a commit that split made both of those it lies between. */
  releases: readonly string[];
  /** Beside the repository's git folder, and told to git as ignored: .tarbisect/ */
  ownFolder: string;
}

/** A commit of the repository around `cwd`, or the one that is checked out; a usage fault outside of one. */
export async function commitUnderTest(cwd: string, named?: string): Promise<CommitUnderTest> {
  const { repository, ownFolder } = await repositoryAround(cwd);
  const commit = named ?? (await headCommit(repository));
  const version = await versionOf(repository, commit);
  return {
    repository,
    commit,
    version,
    releases: await releasesAround(repository, commit, version),
    ownFolder,
  };
}

/** The work tree around `cwd` and the folder for what is ours; a usage fault outside of one. */
export async function repositoryAround(
  cwd: string,
): Promise<Pick<CommitUnderTest, "repository" | "ownFolder">> {
  const found = await runCommand(["git", "rev-parse", "--show-toplevel", "--git-common-dir"], { cwd });
  const [repository, gitFolder] = found.stdout.toString().trim().split("\n");
  if (found.end.kind !== "exited" || found.end.code !== 0 || !repository || !gitFolder)
    throw usageFault(
      `${cwd} is in no git work tree: ${found.stderr.trim().split("\n")[0] || describeEnd(found.end)}`,
      "cd into the repository that tarbisect import made",
    );
  return { repository, ownFolder: join(resolve(cwd, gitFolder), "..", ".tarbisect") };
}

/** A fault when HEAD moved while its commit was tested: git would note the verdict for another commit. */
export async function expectUnmoved({ repository, commit }: CommitUnderTest): Promise<void> {
  const head = await headCommit(repository);
  if (head !== commit)
    throw harnessFault(`HEAD moved from ${commit} to ${head} while the step ran`, {
      hint: "build, load and stress must leave the repository alone",
    });
}

async function releasesAround(cwd: string, commit: string, version: string): Promise<string[]> {
  const format = "--format=%(trailers:key=Tarbisect-Releases,valueonly)";
  const said = (await runChecked(["git", "log", "-1", format, commit], { cwd })).toString();
  const releases = said.split(/\s+/).filter((word) => word !== "");
  return releases.length > 0 ? releases : [version];
}

async function headCommit(cwd: string): Promise<string> {
  return (await runChecked(["git", "rev-parse", "--verify", "HEAD^{commit}"], { cwd })).toString().trim();
}

/** The version of the release that a commit is, or that leads to it; a usage fault where no tag does. */
export async function versionOf(cwd: string, commit: string): Promise<string> {
  const match = ["--match", "v[0-9]*", "--match", "in-tree/*"];
  const described = await runCommand(["git", "describe", "--tags", "--abbrev=0", ...match, commit], { cwd });
  const tag = described.stdout.toString().trim();
  if (described.end.kind !== "exited" || described.end.code !== 0 || tag === "")
    throw usageFault(
      `no release tag leads to ${commit}`,
      "tarbisect import makes one vVERSION tag per release",
    );
  return tag.replace(/^v(?=\d)/, "");
}
