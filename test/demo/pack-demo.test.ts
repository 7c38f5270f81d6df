import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadCatalog } from "../../src/catalog/catalog.js";
import { packageRoot } from "../../src/host/package-root.js";
import { runChecked, runCommand } from "../../src/host/run-command.js";

const script = join(packageRoot, "scripts/pack-demo.js");

describe("the demo driver's archives", () => {
  let folder = "";
  let versions: string[] = [];
  const pack = (to: string, ...args: string[]): Promise<Buffer> =>
    runChecked(["node", script, join(folder, to), ...args]);
  const hashes = async (of: string): Promise<string[]> => {
    const names = (await readdir(join(folder, of))).sort();
    const contents = await Promise.all(names.map((name) => readFile(join(folder, of, name))));
    return contents.map((bytes, i) => `${names[i]!} ${createHash("sha256").update(bytes).digest("hex")}`);
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "tarbisect-demo-"));
    await pack("one");
    const series = await readFile(join(packageRoot, "releases/demo/series"), "utf8");
    versions = series
      .trim()
      .split("\n")
      .map((line) => line.split(" ")[0]!);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("are the same bytes each time, all releases or some", async () => {
    await pack("two");
    expect(await hashes("two")).toEqual(await hashes("one"));
    await pack("some", versions.at(-1)!);
    expect(await hashes("one")).toContain((await hashes("some"))[0]);
  });

  it("hold one top folder, and SUMS that sum(1) agrees with for every file", async () => {
    for (const version of versions) {
      const top = `tbnic-${version}`;
      await runChecked(["tar", "-xzf", join(folder, "one", `${top}.tar.gz`), "-C", folder]);
      const sums = await readFile(join(folder, top, "SUMS"), "utf8");
      const listed = sums.trim().split("\n");
      const paths = listed.map((line) => line.split(/\s+/)[2]!);
      const found = await runChecked(["find", top, "-type", "f", "!", "-name", "SUMS"], { cwd: folder });
      expect(paths).toEqual(found.toString().trim().split("\n").sort());
      const real = await runChecked(["sum", ...paths], { cwd: folder });
      expect(real.toString()).toBe(sums);
    }
  });

  it("say their version in the code and first in the changelog", async () => {
    for (const version of versions) {
      const header = await readFile(join(folder, `tbnic-${version}`, "src/tbnic.h"), "utf8");
      expect(header).toContain(`TBNIC_VERSION\t\t"${version}"`);
      const readme = await readFile(join(folder, `tbnic-${version}`, "README"), "utf8");
      expect(readme.split("Changelog\n---------\n\n")[1]?.split("\n")[0]).toBe(version);
    }
  });

  it("are those of the catalog, by SHA-256, date and size", async () => {
    const { releases } = await loadCatalog("demo");
    expect(releases.map(({ version }) => version)).toEqual(versions);
    const packed = await hashes("one");
    for (const release of releases) {
      expect(packed).toContain(`tbnic-${release.version}.tar.gz ${release.sha256!}`);
      const { size } = await stat(join(folder, "one", `tbnic-${release.version}.tar.gz`));
      expect(size).toBe(release.sizeBytes);
    }
    expect(releases.filter(({ withdrawn }) => withdrawn).map(({ version }) => version)).toEqual(["1.3.10"]);
  });

  it("are refused for a version that is none", async () => {
    const { end, stderr } = await runCommand(["node", script, join(folder, "none"), "9.9"]);
    expect(end).toEqual({ kind: "exited", code: 129 });
    expect(stderr).toContain("no release 9.9");
  });
});
