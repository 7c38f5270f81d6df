// The README's first command, as it is: the main job on what the project ships.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const demo = fileURLToPath(new URL("../../scripts/demo.js", import.meta.url));

it("the demo names the release that brought the ntuple rules", { timeout: 300_000 }, () => {
  const { status, stdout, stderr } = spawnSync("node", [demo], { encoding: "utf8" });
  expect(stdout, stderr).toMatch(
    /^tbnic_add_rule came with v1\.1\.0: the first release whose module holds it$/m,
  );
  expect(status).toBe(0);
});
