// A small C program in two releases, in a git repository made at test time.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export type Files = Record<string, string>;

export function git(repository: string, ...args: string[]): string {
  const who = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
  const date = "2021-01-01T00:00:00Z";
  const env = { ...process.env, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
  return execFileSync("git", [...who, ...args], { cwd: repository, env, encoding: "utf8" }).trim();
}

/** A repository with one commit and tag per release; the folder is the caller's to remove. */
export function repositoryOf(releases: Record<string, Files>): string {
  const folder = mkdtempSync(join(tmpdir(), "tarbisect-split-test-"));
  git(folder, "init", "-q", "-b", "main");
  for (const [tag, files] of Object.entries(releases)) {
    git(folder, "rm", "-rqf", "--ignore-unmatch", ".");
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    git(folder, "add", "-A");
    git(folder, "commit", "-qm", tag);
    git(folder, "tag", tag);
  }
  return folder;
}
