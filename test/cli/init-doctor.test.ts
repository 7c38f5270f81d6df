import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadCatalog, shippedDrivers } from "../../src/catalog/catalog.js";
import { checkYaml } from "../../src/catalog/check-yaml.js";
import { settingsShape } from "../../src/cli/settings-shape.js";
import { settingsTemplate } from "../../src/cli/settings-template.js";
import { eightReleases, startBisect } from "../launcher/bisected-repository.js";
import { launcher } from "../launcher/stub-package.js";

const drivers = shippedDrivers();

function run(cwd: string, args: string[], env: NodeJS.ProcessEnv = process.env) {
  return spawnSync(launcher, args, { cwd, encoding: "utf8", env });
}

describe("tarbisect init", () => {
  it.each(drivers)(
    "%s writes settings that step takes, and that stop a bisect until they are edited",
    (driver) => {
      const repository = startBisect(eightReleases);
      expect(run(repository, ["init", driver])).toMatchObject({ status: 0 });
      const { status, stderr } = run(repository, ["step"]);
      expect(stderr).toMatch(/settings: .*tarbisect\.yaml/);
      expect([125, 128]).toContain(status);
      expect(run(repository, ["init", driver]).stderr).toMatch(
        /is there already\nhint: tarbisect init --force/,
      );
    },
  );

  it.each(drivers)(
    "%s writes the form with a target too, which holds once its comments are taken off",
    async (driver) => {
      const text = settingsTemplate(driver, await loadCatalog(driver));
      const [, form] = text.split(/^# .* off all that follows\.\n/m);
      const lines = (form ?? "").trimEnd().split("\n");
      expect(lines.every((line) => line.startsWith("# "))).toBe(true);
      const whole = `driver: ${driver}\n${lines.map((line) => line.slice(2)).join("\n")}\n`;
      expect(checkYaml(whole, settingsShape)).toMatchObject({
        problems: [],
        value: { target: "server", peers: ["peer"], stress: { duration: "10m" } },
      });
    },
  );

  it("knows only drivers that have a catalog", () => {
    const { status, stderr } = run(mkdtempSync(join(tmpdir(), "tarbisect-init-")), ["init", "i41e"]);
    expect(status).toBe(129);
    expect(stderr).toMatch(/no catalog for driver "i41e"\nhint: known drivers: .*i40e/);
  });
});

describe("tarbisect doctor", () => {
  it("says what is missing and how to get it", () => {
    const folder = mkdtempSync(join(tmpdir(), "tarbisect-doctor-"));
    for (const name of ["sh", "env", "git", "setsid", "make", "patch"])
      symlinkSync(spawnSync("which", [name], { encoding: "utf8" }).stdout.trim(), join(folder, name));
    symlinkSync(process.execPath, join(folder, "node"));
    mkdirSync(join(folder, "cache"));
    const env = { PATH: folder, TARBISECT_CACHE: join(folder, "cache") };
    const { status, stdout } = run(folder, ["doctor", "--kernel", "1.2.3"], env);
    expect(stdout).toMatch(/^ok {8}git {2,}histories and bisects$/m);
    expect(stdout).toMatch(/^MISSING {3}gcc .*\n +-> apt-get install gcc$/m);
    expect(stdout).toMatch(/^not here {2}kernel headers .*\n +-> apt-get install linux-headers-1\.2\.3$/m);
    expect(status).toBe(128);
    const checks = JSON.parse(run(folder, ["doctor", "--json"], env).stdout) as {
      name: string;
      state: string;
    }[];
    expect(checks.find(({ name }) => name === "make")).toMatchObject({ state: "ok" });
  });
});
