import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { commitUnderTest } from "../../src/step/commit-under-test.js";
import { splitRepository } from "../../src/split/split-repository.js";

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

function git(repository: string, ...args: string[]): string {
  const who = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
  const date = "2021-01-01T00:00:00Z";
  const env = { ...process.env, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
  return execFileSync("git", [...who, ...args], { cwd: repository, env, encoding: "utf8" }).trim();
}

function release(repository: string, version: string, files: Record<string, string | Buffer>): void {
  git(repository, "rm", "-rqf", "--ignore-unmatch", ".");
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(repository, path)), { recursive: true });
    writeFileSync(join(repository, path), content);
  }
  if (version === "v2") {
    chmodSync(join(repository, "src/run.sh"), 0o755);
    symlinkSync("README", join(repository, 'odd "name"\\'));
  }
  git(repository, "add", "-A");
  const id = (version === "v1" ? "1" : "2").repeat(40);
  git(repository, "update-index", "--add", "--cacheinfo", `160000,${id},headers`);
  git(repository, "commit", "-qm", version);
  git(repository, "tag", version);
}

function repository(): string {
  const folder = mkdtempSync(join(tmpdir(), "tarbisect-split-"));
  folders.push(folder);
  git(folder, "init", "-q", "-b", "main");
  const same = { "src/run.sh": "#!/bin/sh\n", README: "1\n" };
  const [before, after] = [Buffer.from([0, 255, 10]), Buffer.from([255, 0, 13])];
  release(folder, "v1", { ...same, "src/a.c": "int a;\n", "src/gone.h": "int gone;\n", data: before });
  const code = Buffer.from("int a;\nint b;\nint c; /* \xff */", "latin1");
  release(folder, "v2", { ...same, "src/a.c": code, "src/new/n.c": "int n;\n", data: after });
  return folder;
}

const request = { old: "v1", new: "v2", branch: "split/v1-to-v2" };

test("the branch leads from the old tree to the new one: modes, links, submodules and bytes included", async () => {
  const folder = repository();
  const { commits } = await splitRepository({ ...request, repository: folder });
  expect(git(folder, "rev-parse", `${request.branch}^{tree}`)).toBe(git(folder, "rev-parse", "v2^{tree}"));
  expect(git(folder, "rev-parse", `${request.branch}~${commits.length}`)).toBe(
    git(folder, "rev-parse", "v1"),
  );
  const log = git(folder, "log", "--reverse", "--format=%s", `v1..${request.branch}`).split("\n");
  expect(log).toEqual(commits.map(({ subject }) => subject));
  expect([...log].sort()).toMatchInlineSnapshot(`
    [
      "a.c: b: 1 line",
      "a.c: c: 1 line",
      "comments and documents: 1 line",
      "data: whole file: 2 lines",
      "gone.h: gone: 1 line",
      "headers: whole file: 2 lines",
      "n.c: n: 1 line",
      "odd "name"\\: whole file: 1 line",
      "run.sh: whole file: 0 lines",
    ]
  `);
  expect(git(folder, "show-ref")).not.toContain("refs/tarbisect");
});

test("the same releases give the same commit ids, and a second run replaces the branch", async () => {
  const [one, two] = [repository(), repository()];
  const first = await splitRepository({ ...request, repository: one });
  expect((await splitRepository({ ...request, repository: two })).commits).toEqual(first.commits);
  expect(await splitRepository({ ...request, repository: one })).toEqual(first);
});

test("a commit says its topics, and a step that tests it takes the fixups of both releases", async () => {
  const folder = repository();
  const topicOf = (name: string): string[] => (name === "n" ? ["numbers"] : []);
  await splitRepository({ ...request, repository: folder, releases: ["1", "2"], topicOf });
  const [commit] = git(folder, "log", "--format=%H", "--grep=^n.c: n", request.branch).split("\n");
  expect(git(folder, "log", "-1", "--format=%B", commit!)).toContain(
    "src/new/n.c: n (added, numbers, 1 line)",
  );
  git(folder, "checkout", "-q", commit!);
  expect(await commitUnderTest(folder)).toMatchObject({ version: "1", releases: ["1", "2"] });
  git(folder, "checkout", "-q", "v2");
  expect((await commitUnderTest(folder)).releases).toEqual(["2"]);
});

test("a revision that is not there, or is an option, is told", async () => {
  const folder = repository();
  const wrong = splitRepository({ ...request, repository: folder, old: "--all" });
  await expect(wrong).rejects.toThrow('"--all" is no commit');
  const same = splitRepository({ ...request, repository: folder, new: "v1" });
  await expect(same).rejects.toThrow("nothing to split");
});
