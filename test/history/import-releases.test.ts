import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { importReleases } from "../../src/history/import-releases.js";
import type { ReleaseSource } from "../../src/history/read-release.js";
import { bsdSum } from "../../src/tarballs/sums.js";
import { buildTarGz } from "../tarballs/tar-builder.js";

let place: string;
beforeEach(async () => void (place = await mkdtemp(join(tmpdir(), "history-"))));
afterEach(() => rm(place, { recursive: true }));

async function release(version: string, files: Record<string, string>): Promise<ReleaseSource> {
  const sums = Object.entries(files).map(([name, text]) => {
    const { checksum, blocks } = bsdSum(Buffer.from(text));
    return `${String(checksum).padStart(5, "0")} ${String(blocks).padStart(5)} toy-${version}/${name}\n`;
  });
  const entries = Object.entries({ ...files, SUMS: sums.join("") });
  const archivePath = join(place, `toy-${version}.tar.gz`);
  await writeFile(
    archivePath,
    buildTarGz(entries.map(([name, content]) => ({ name: `toy-${version}/${name}`, content }))),
  );
  return { driver: "toy", version, archivePath, date: "2020-10-02", withdrawn: version === "1.10" };
}

const git = (...args: string[]): string =>
  execFileSync("git", args, { cwd: join(place, "toy"), encoding: "utf8" });
const into = (): string => join(place, "toy");

describe("importReleases", () => {
  it("makes a commit and an annotated tag per release, in numeric order, with the same ids everywhere", async () => {
    const sources = [
      await release("1.10", {
        README: "Changelog\n\n1.10\n----\n- adds b\n\n1.9\n---\n- first\n",
        "src/a.c": "int a, b;\n",
      }),
      await release("1.9", { README: "1.9\n- first\n", "src/a.c": "int a;\n" }),
    ];
    const { added, tip } = await importReleases(sources, { folder: into() });
    expect(added).toEqual(["1.9", "1.10"]);
    expect(git("log", "--format=%s", "--reverse")).toBe("toy 1.9\ntoy 1.10\n");
    expect(git("cat-file", "-t", "v1.9")).toBe("tag\n");
    expect(git("show", "-s", "--format=%an %ad%n%b", "--date=iso", "v1.10^{commit}")).toBe(
      `tarbisect 2020-10-02 00:00:00 +0000
- adds b

Tarball-Sha256: ${createHash("sha256").update(readFileSync(sources[0]!.archivePath)).digest("hex")}
Release-Date: 2020-10-02
Withdrawn: yes
Sums-Verified: 2 of 2

`,
    );
    expect(git("status", "--porcelain")).toBe("");
    expect(git("ls-files")).toBe("README\nSUMS\nsrc/a.c\n");
    expect(git("fsck", "--strict")).toBe("");
    const again = await importReleases(sources.reverse(), { folder: join(place, "other") });
    expect(again.tip).toBe(tip);
  });

  it("adds only what is new, and the history is the one a single import gives", async () => {
    const [one, two, three] = [
      await release("1.0", { a: "1" }),
      await release("1.1", { a: "2" }),
      await release("2.0", { b: "3" }),
    ];
    await importReleases([one, two], { folder: into() });
    const second = await importReleases([one, two, three], { folder: into() });
    expect(second).toMatchObject({ added: ["2.0"], kept: ["1.0", "1.1"] });
    expect(git("ls-files")).toBe("SUMS\nb\n");
    const whole = await importReleases([one, two, three], { folder: join(place, "whole") });
    expect(whole.tip).toBe(second.tip);
    expect((await importReleases([one], { folder: into() })).tip).toBe(second.tip);
  });

  it("refuses to fill a hole unless told to rebuild, and never during a bisect", async () => {
    const [one, two, three] = [
      await release("1.0", { a: "1" }),
      await release("1.1", { a: "2" }),
      await release("1.2", { a: "3" }),
    ];
    await importReleases([one, three], { folder: into() });
    await expect(importReleases([two], { folder: into() })).rejects.toThrow("1.1 would come before");
    git("bisect", "start", "v1.2", "v1.0");
    await expect(importReleases([two], { folder: into(), rebuild: true })).rejects.toThrow(
      "a bisect is under way",
    );
    git("bisect", "reset");
    const rebuilt = await importReleases([two], { folder: into(), rebuild: true });
    const whole = await importReleases([one, two, three], { folder: join(place, "whole") });
    expect(rebuilt.tip).toBe(whole.tip);
    expect(git("rev-parse", "v1.2^{commit}").trim()).toBe(whole.tip);
  });

  it("refuses another archive for a version that it has, and a folder that is no repository", async () => {
    await importReleases([await release("1.0", { a: "1" })], { folder: into() });
    const other = await release("1.0", { a: "other" });
    await expect(importReleases([other], { folder: into() })).rejects.toThrow(
      /SHA-256 [0-9a-f]{64}, but toy-1.0.tar.gz has/,
    );
    await expect(importReleases([other], { folder: place })).rejects.toThrow("is no git repository");
  });

  it("names any file as it is", async () => {
    await importReleases([await release("1.0", { 'q"uo\\te': "1", "new\nline": "2", "sp ace": "3" })], {
      folder: into(),
    });
    expect(git("ls-files", "-z").split("\0").filter(Boolean)).toEqual([
      "SUMS",
      "new\nline",
      'q"uo\\te',
      "sp ace",
    ]);
  });

  it("checks files out as they are, whatever the release's own attributes say", async () => {
    const attributes = "* text eol=crlf\n*.c ident\n";
    await importReleases([await release("1.0", { ".gitattributes": attributes, "a.c": "$Id$\n" })], {
      folder: into(),
    });
    expect(readFileSync(join(into(), "a.c"), "utf8")).toBe("$Id$\n");
    expect(git("status", "--porcelain")).toBe("");
  });

  it("is completed by the same command after a kill at any moment", async () => {
    const packed = await Promise.all(
      Array.from({ length: 12 }, (_, n) => release(`1.${n}`, { a: `${n}\n`.repeat(20_000), b: "same" })),
    );
    const sources = packed.map(({ driver, version, archivePath }) => ({
      driver,
      version,
      archivePath,
      withdrawn: false,
    }));
    const whole = await importReleases(sources, { folder: join(place, "whole") });
    const launcher = new URL("../../bin/tarbisect.js", import.meta.url).pathname;
    for (const delayMs of [100, 160, 220, 280, 340]) {
      const child = spawn(launcher, ["import", "--from", place, "--into", into()], {
        stdio: "ignore",
      });
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      child.kill("SIGKILL");
      await new Promise((resolve) =>
        child.exitCode === null && child.signalCode === null ? child.on("exit", resolve) : resolve(0),
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 300)); // git fast-import ends by itself when its input does
    const completed = await importReleases(sources, { folder: into() });
    expect(completed.tip).toBe(whole.tip);
    expect(git("status", "--porcelain")).toBe("");
    expect(git("fsck", "--strict")).not.toMatch(/missing|broken|error/);
  });
});
