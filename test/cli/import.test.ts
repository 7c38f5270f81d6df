// Calls of import as a newcomer types them: what can't be done is told at once, and nothing is left behind.
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildTar } from "../tarballs/tar-builder.js";

const launcher = new URL("../../bin/tarbisect.js", import.meta.url).pathname;
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tarbisect-limits-"));
  const zeros = Buffer.alloc(70 * 1024 * 1024);
  const tar = buildTar([{ name: "own-1.0/firmware", content: zeros }]);
  await writeFile(join(folder, "own-1.0.tar.gz"), gzipSync(tar));
});
afterAll(() => rm(folder, { recursive: true }));

function run(...args: string[]): { status: number | null; out: string } {
  return importing("--from", ".", ...args);
}

function importing(...args: string[]): { status: number | null; out: string } {
  const { status, stdout, stderr } = spawnSync(launcher, ["import", ...args], {
    encoding: "utf8",
    cwd: folder,
  });
  return { status, out: stdout + stderr };
}

describe("import --limit", () => {
  it("lets through what the usual limits take for a bomb", () => {
    expect(run()).toEqual({
      status: 128,
      out: expect.stringContaining("unpacks to more than 250 times its size") as string,
    });
    expect(run("--limit", "ratio=2000", "--limit", "file=100MiB")).toMatchObject({ status: 0 });
  });

  it.each([
    ["total", "names: total, file, entries, ratio, name"],
    ["__proto__=1", "is no limit of archives"],
    ["total=much", '"much" is no size'],
    ["entries=-1", '"-1" is no count'],
    ["ratio=0", '"0" is no count'],
  ])("refuses %s", (given, words) => {
    expect(run("--limit", given)).toEqual({ status: 129, out: expect.stringContaining(words) as string });
  });
});

describe("import", () => {
  it("tells the driver by its archive, whatever its name is made of", async () => {
    const tar = buildTar([{ name: "my-own-nic-2022.3/nic.c", content: Buffer.from("int x;\n") }]);
    await writeFile(join(folder, "my-own-nic-2022.3.tar.gz"), gzipSync(tar));
    const { status, out } = importing("--from", "my-own-nic-2022.3.tar.gz");
    expect(out).toMatch(/\/my-own-nic: 1 release added; branch releases at /);
    expect(status).toBe(0);
  });

  it.each([
    [
      "a file to import into, before anything is downloaded",
      ["i40e", "--into", "own-1.0.tar.gz"],
      "is no folder",
    ],
    ["a place that is not there", ["--from", "nowhere"], "there is no folder or archive"],
    ["a place without archives", ["--from", "/dev/null"], "holds no archive named DRIVER-VERSION.tar.gz"],
  ])("refuses %s", (_, args, words) => {
    expect(importing(...args)).toEqual({ status: 129, out: expect.stringContaining(words) as string });
  });
});
