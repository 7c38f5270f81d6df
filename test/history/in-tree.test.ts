import { execFileSync, spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { importInTree } from "../../src/history/import-in-tree.js";
import { kernelVersion } from "../../src/history/in-tree.js";
import { buildTarGz } from "../tarballs/tar-builder.js";

const launcher = new URL("../../bin/tarbisect.js", import.meta.url).pathname;
const driver = "drivers/net/toy";
const makefile = (sublevel: number): string =>
  `# SPDX\nVERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = ${sublevel}\nEXTRAVERSION =\nNAME = Hurr\n`;

let place: string;
beforeEach(async () => void (place = await mkdtemp(join(tmpdir(), "in-tree-"))));
afterEach(() => rm(place, { recursive: true }));

const git = (...args: string[]): string =>
  execFileSync("git", args, { cwd: join(place, "toy"), encoding: "utf8" });
const into = (): { folder: string } => ({ folder: join(place, "toy") });

async function kernel(name: string, files: Record<string, string>): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    const full = join(place, name, path);
    await mkdir(dirname(full), { recursive: true });
    await writeFile(full, text);
    await utimes(full, 1_670_000_000, 1_670_000_000);
  }
  return join(place, name);
}

const sources = { Makefile: makefile(0), [`${driver}/toy.c`]: "int toy;\n", [`${driver}/toy.h`]: "\n" };

describe("importInTree", () => {
  it("keeps only the driver's folder, on a branch and tag of its own, the same from a tarball and a folder", async () => {
    // Names that differ in case, as kernels hold them, matter only inside the folder.
    const folder = await kernel("linux-6.1", {
      ...sources,
      "include/xt_DSCP.h": "1",
      "include/xt_dscp.h": "2",
      "other/drivers/net/toy/no.c": "3",
    });
    execFileSync("tar", ["-C", place, "-cJf", join(place, "linux-6.1.tar.xz"), "linux-6.1"]);
    const done = await importInTree({ place: join(place, "linux-6.1.tar.xz"), path: driver }, into());
    expect(done).toMatchObject({ version: "6.1", tag: "in-tree/v6.1", files: 2, added: true });
    expect(git("ls-tree", "-r", "--name-only", "in-tree/v6.1")).toBe(`${driver}/toy.c\n${driver}/toy.h\n`);
    expect(git("log", "-1", "--format=%s %ad", "--date=short", "in-tree")).toBe("linux 6.1 2022-12-02\n");
    expect(await importInTree({ place: folder, path: driver }, into())).toEqual({ ...done, added: false });
    expect(git("fsck", "--strict")).toBe("");
  });

  it("puts kernels in order, and refuses another content for one that is there", async () => {
    const later = await kernel("a", {
      ...sources,
      Makefile: makefile(9),
      [`${driver}/toy.c`]: "int toy = 9;\n",
    });
    const first = await kernel("b", sources);
    await importInTree({ place: first, path: driver }, into());
    await importInTree({ place: later, path: driver }, into());
    expect(git("log", "--format=%s", "in-tree")).toBe("linux 6.1.9\nlinux 6.1\n");
    await writeFile(join(later, driver, "toy.c"), "int other;\n");
    await expect(importInTree({ place: later, path: driver }, into())).rejects.toThrow(
      "in-tree/v6.1.9 is in the history with other files",
    );
    const hole = await kernel("c", { ...sources, Makefile: makefile(4) });
    await expect(importInTree({ place: hole, path: driver }, into())).rejects.toThrow(
      "6.1.4 would come before",
    );
    await importInTree({ place: hole, path: driver }, { ...into(), rebuild: true });
    expect(git("log", "--format=%s", "in-tree")).toBe("linux 6.1.9\nlinux 6.1.4\nlinux 6.1\n");
  });

  it("tells the version by the name where there is no Makefile", async () => {
    const archive = join(place, "linux-source-5.10.tar.gz");
    await writeFile(archive, buildTarGz([{ name: `linux-source-5.10/${driver}/toy.c`, content: "1" }]));
    expect((await importInTree({ place: archive, path: driver }, into())).tag).toBe("in-tree/v5.10");
    const nameless = await kernel("kernel", { [`${driver}/toy.c`]: "1" });
    await expect(importInTree({ place: nameless, path: driver }, into())).rejects.toThrow(
      /neither a top Makefile nor the name of .*kernel tells/,
    );
  });

  it("says what is not there, and leaves no repository", async () => {
    const folder = await kernel("linux-6.1", sources);
    await expect(importInTree({ place: folder, path: "drivers/net/none" }, into())).rejects.toThrow(
      "there is no file below drivers/net/none",
    );
    await expect(importInTree({ place: join(place, "no"), path: driver }, into())).rejects.toThrow(
      "there is no kernel source at",
    );
    expect(() => git("status")).toThrow();
  });
});

it.each([
  ["VERSION = 6\nPATCHLEVEL = 2\nSUBLEVEL = 0\nEXTRAVERSION = -rc1\n", "6.2-rc1"],
  ["VERSION=5\nPATCHLEVEL=10\nSUBLEVEL=223\nEXTRAVERSION=\n", "5.10.223"],
  ["all:\n\ttrue\n", undefined],
])("kernelVersion(%j) is %s", (text, version) => expect(kernelVersion(text)).toBe(version));

it("tarbisect import --in-tree, then diff against a release in another layout", async () => {
  await kernel("linux-6.1", { ...sources, [`${driver}/toy.c`]: "int f(int a)\n{\n\treturn a;\n}\n" });
  const vendor = "int f(int a)\n{\n\treturn a + 1;\n}\n";
  await writeFile(
    join(place, "toy-1.0.tar.gz"),
    buildTarGz([
      { name: "toy-1.0/src/toy.c", content: vendor },
      { name: "toy-1.0/src/toy.h", content: "\n" },
    ]),
  );
  const run = (cwd: string, ...args: string[]): string => {
    const { stdout, stderr, status } = spawnSync(launcher, args, { cwd, encoding: "utf8" });
    return status === 0 ? stdout : `${status}: ${stderr}`;
  };
  run(place, "import", "--from", "toy-1.0.tar.gz");
  const told = run(place, "import", "--in-tree", "linux-6.1", "--path", `${driver}/`, "--json");
  expect(JSON.parse(told)).toMatchObject({ tag: "in-tree/v6.1", path: driver, files: 2, added: true });
  const summary = "functions: 1 changed, 0 added, 0 removed, 0 renamed, 0 moved";
  expect(run(join(place, "toy"), "diff", "in-tree/v6.1", "v1.0")).toContain(summary);
  expect(run(join(place, "toy"), "diff", "v6.1", "../toy-1.0.tar.gz")).toContain(summary);
  expect(run(place, "import", "--in-tree", "linux-6.1")).toMatch(
    /^129: .*--in-tree was given without --path/,
  );
});
