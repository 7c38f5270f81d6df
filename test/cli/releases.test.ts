import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const launcher = new URL("../../bin/tarbisect.js", import.meta.url).pathname;
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tarbisect-releases-"));
  await mkdir(join(folder, "mine"));
  for (const version of ["2.4.6", "2.4.10"])
    await writeFile(join(folder, "mine", `own-${version}.tar.gz`), gzipSync(version));
  await writeFile(
    join(folder, "own.yaml"),
    `driver: own
module: own
sourceFolder: src
recipe: { kind: kbuild }
releases:
  - { version: "2.4.10", date: 2018-06-08, sizeBytes: 5, urls: ["https://example.net/own-2.4.10.tar.gz"] }
  - { version: "2.4.6", urls: [mine/own-2.4.6.tar.gz] }
  - { version: "2.13.10", withdrawn: true, notes: it leaks, urls: ["https://example.net/own-2.13.10.tar.gz"] }
`,
  );
  const archives = join(folder, "cache/archives/own");
  await mkdir(archives, { recursive: true });
  await writeFile(join(archives, "own-2.4.10.tar.gz"), Buffer.alloc(2048));
  await writeFile(join(archives, "own-2.13.10.tar.gz"), Buffer.alloc(1024));
  await utimes(join(archives, "own-2.4.10.tar.gz"), 1000, 1000);
});
afterAll(() => rm(folder, { recursive: true }));

/** What a user sees: stdout, stderr and the exit code, with the scratch folder's path taken out. */
function run(...args: string[]): string[] {
  const { status, stdout, stderr } = spawnSync(launcher, args, {
    encoding: "utf8",
    cwd: folder,
    env: { ...process.env, TARBISECT_CACHE: "cache" },
  });
  const shown = `${stdout}${stderr}exit ${status}`.replaceAll(folder, "DIR");
  return shown.split("\n");
}

describe("releases", () => {
  it("shows the line in version order, with what is cached, withdrawn, missing and different", () => {
    expect(run("releases", "./own.yaml", "--source", "mine")).toEqual([
      "version  date        cached  from",
      "2.4.6    -           no      DIR/mine",
      "2.4.10   2018-06-08  yes     example.net, DIR/mine",
      expect.stringMatching(/^2\.13\.10 {2}- {11}yes {5}example\.net +withdrawn: it leaks$/),
      "mine lacks 1 of 3: 2.13.10",
      "2.4.10 has different content: size: catalog 5 bytes, mine 26 bytes",
      "exit 0",
    ]);
  });

  it("prints JSON", () => {
    const text = run("releases", "own.yaml", "--json").slice(0, -1).join("\n");
    expect(JSON.parse(text)).toMatchObject([
      { driver: "own", version: "2.4.6", sources: ["catalog"], missingFrom: [] },
      { version: "2.4.10", cached: "DIR/cache/archives/own/own-2.4.10.tar.gz" },
      { version: "2.13.10", withdrawn: true },
    ]);
  });

  it("says which drivers it knows", () => {
    expect(run("releases", "nonesuch")).toEqual([
      'tarbisect: there is no catalog for driver "nonesuch"',
      expect.stringMatching(/^hint: known drivers: .*i40e.*; or give the path of a catalog of your own/),
      "exit 129",
    ]);
    expect(run("releases", "own.yaml", "--source", "nowhere")[0]).toBe(
      'tarbisect: "nowhere" is no source of releases',
    );
  });
});

describe("cache", () => {
  it("lists what it holds and removes what was used longest ago", () => {
    expect(run("cache", "list")).toEqual([
      "   2.0 KiB  archives/own/own-2.4.10.tar.gz",
      "   1.0 KiB  archives/own/own-2.13.10.tar.gz",
      "   3.0 KiB  in DIR/cache",
      "exit 0",
    ]);
    expect(run("cache", "clean", "--max-size", "2K")).toEqual([
      "removed 1 thing, 2.0 KiB, from DIR/cache",
      "exit 0",
    ]);
    expect(run("cache", "list")[0]).toBe("   1.0 KiB  archives/own/own-2.13.10.tar.gz");
    expect(run("cache", "clean", "--max-size", "lots")).toEqual([
      'tarbisect: "lots" is no size',
      "hint: write it like 500M or 2GiB",
      "exit 129",
    ]);
    expect(run("cache", "clean").at(-1)).toBe("exit 129");
  });
});
