import { execFileSync } from "node:child_process";
import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTree } from "../../src/history/trees.js";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "trees-"));
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", ...args], { cwd: folder });
  git("init", "-q");
  await mkdir(join(folder, "src"));
  await writeFile(join(folder, "src", "a b.c"), "int a;\n");
  await writeFile(join(folder, "empty"), "");
  git("add", ".");
  git("commit", "-qm", "one");
  git("tag", "v1.0");
});

afterAll(() => rm(folder, { recursive: true }));

describe("openTree", () => {
  it("gives the same files for a version, a tag, a commit and the folder itself", async () => {
    const trees = await Promise.all(["1.0", "v1.0", "HEAD", "."].map((name) => openTree(name, folder)));
    for (const tree of trees) {
      expect([...tree.files]).toEqual([...trees[0]!.files]);
      expect([...tree.files.keys()]).toEqual(["empty", "src/a b.c"]);
      const contents = await tree.read(["src/a b.c", "empty"]);
      expect([...contents].map(([path, content]) => [path, content.toString()])).toEqual([
        ["src/a b.c", "int a;\n"],
        ["empty", ""],
      ]);
    }
  });

  it("reads an archive as the tree that it unpacks to", async () => {
    const archive = join(folder, "..", `${basename(folder)}.tar.gz`);
    execFileSync("git", ["archive", "--prefix=own-1.0/", "-o", archive, "HEAD"], { cwd: folder });
    const [packed, whole] = [await openTree(archive, folder), await openTree("1.0", folder)];
    expect(packed.files).toEqual(whole.files);
    expect((await packed.read(["src/a b.c"])).get("src/a b.c")?.toString()).toBe("int a;\n");
    await writeFile(archive, "no archive");
    await expect(openTree(archive, folder)).rejects.toThrow(/the archive .* is cut short/);
    await rm(archive);
  });

  it("takes a version for its tag, also where git would read it as a parent", async () => {
    execFileSync("git", ["tag", "v1.0_1"], { cwd: folder });
    expect((await openTree("1.0~1", folder)).files).toEqual((await openTree("1.0", folder)).files);
  });

  it("says what it looked for when there is no such thing", async () => {
    await expect(openTree("9.9", folder)).rejects.toThrow(
      'there is no version, tag, commit, folder or archive "9.9"',
    );
    await expect(openTree("--help", folder)).rejects.toThrow("--help");
  });
});
