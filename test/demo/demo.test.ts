// The README's first command, begun nearer to its end: real guests, real traffic, and git bisect names the release.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const demo = fileURLToPath(new URL("../../scripts/demo.js", import.meta.url));

it("the demo names the release that counts its pages wrongly, with evidence", { timeout: 600_000 }, () => {
  const { status, stdout, stderr } = spawnSync("node", [demo, "--short"], { encoding: "utf8" });
  expect(stdout, stderr).toMatch(/^the bug came with v1\.3\.10; its evidence lay in \S+-v1\.3\.10-\S+$/m);
  expect(stdout).toMatch(/^tarbisect: 1\.3\.0 \(\w+\) is good$/m);
  expect(stdout).toMatch(/^tarbisect: 1\.3\.10 \(\w+\) is bad: /m);
  expect(status).toBe(0);
});
