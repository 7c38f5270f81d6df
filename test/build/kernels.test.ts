import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { compareReleases, newestOf } from "../../src/build/kernel-packages.js";
import { ensureKernel } from "../../src/build/kernels.js";

const cache = mkdtempSync(join(tmpdir(), "kernels-"));
afterAll(() => rmSync(cache, { recursive: true, force: true }));

describe("the kernel that a version names", () => {
  const releases = ["6.12.43+deb12-amd64", "6.1.0-9-amd64", "6.1.0-56-amd64", "5.10.0-46-amd64"].sort(
    compareReleases,
  );

  it.each([
    ["6.1", "6.1.0-56-amd64"],
    ["6.1.0-9", "6.1.0-9-amd64"],
    ["6.1.0-9-amd64", "6.1.0-9-amd64"],
    ["6.12", "6.12.43+deb12-amd64"],
    ["5.10", "5.10.0-46-amd64"],
    ["6.2", undefined],
  ])("%s is %s", (version, release) => {
    expect(newestOf(version, releases)).toBe(release);
  });

  it.each(["../etc", "6.1;reboot", "-6.1", "six"])("refuses %s", async (version) => {
    await expect(ensureKernel(version, { cacheFolder: cache })).rejects.toMatchObject({
      blame: version.includes("/") ? "harness" : "usage",
    });
  });
});
