// What `npm pack` puts into the package is all that an installed command needs, from any folder.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { packageRoot } from "../../src/host/package-root.js";
import { buildTarGz } from "../tarballs/tar-builder.js";

let place: string;
beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), "package-"));
  // Without scripts: a build would take dist/ from under the other tests. The tests' own build made it.
  execFileSync("npm", ["pack", "--ignore-scripts", "--pack-destination", place], {
    cwd: packageRoot,
    stdio: "ignore",
  });
  // As `npm install -g` lays it out, but for its network.
  await mkdir(join(place, "lib"));
  await mkdir(join(place, "bin"));
  execFileSync("sh", ["-c", `tar -xzf "${place}"/tarbisect-*.tgz -C "${place}/lib"`]);
  await symlink(join(packageRoot, "node_modules"), join(place, "lib/package/node_modules"));
  await symlink("../lib/package/bin/tarbisect.js", join(place, "bin/tarbisect"));
  await mkdir(join(place, "work"));
}, 60_000);
afterAll(() => rm(place, { recursive: true }));

function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(join(place, "bin/tarbisect"), args, {
    cwd: join(place, "work"),
    encoding: "utf8",
    env: { ...process.env, TARBISECT_CACHE: undefined, XDG_CACHE_HOME: undefined, HOME: join(place, "home") },
  });
}

it("ships catalogs of which every URL can be reached from anywhere", () => {
  const told = run("releases", "none").stderr;
  const drivers = /known drivers: ([^;]*);/.exec(told)![1]!.split(", ");
  expect(drivers).toEqual(expect.arrayContaining(["e1000e", "i40e", "iavf", "ice", "igb", "ixgbe"]));
  for (const driver of drivers) {
    const releases = JSON.parse(run("releases", driver, "--json").stdout) as { urls: string[] }[];
    expect(releases.flatMap(({ urls }) => urls).filter((url) => !url.startsWith("https://"))).toEqual([]);
  }
});

it("imports, writes settings, and looks at the machine from a folder of the user's", async () => {
  const archive = buildTarGz([{ name: "toy-1.0/src/toy.c", content: "int toy;\n" }]);
  await writeFile(join(place, "work/toy-1.0.tar.gz"), archive);
  expect(run("import", "--from", ".").stdout).toMatch(
    /work\/toy: 1 release added; branch releases at [0-9a-f]{12}\n$/,
  );
  expect(run("init", "i40e").status).toBe(0);
  expect(await readFile(join(place, "work/tarbisect.yaml"), "utf8")).toContain("driver: i40e");
  expect(run("doctor").stdout).toContain(join(place, "home/.cache/tarbisect"));
  expect(run("cache", "list", "--json").stdout).toContain(join(place, "home/.cache/tarbisect"));
});
