// The trials of a table on guests that it boots itself: each release's module and the kernel's own are loaded and proved.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { afterAll, describe, expect, it } from "vitest";
import { matrixJsonSchema } from "../../src/cli/matrix-schema.js";
import { cacheFolder } from "../../src/host/cache-folder.js";
import { matrixLabName } from "../../src/matrix/boot-lab.js";
import { labFolder } from "../../src/target/lab/lab-state.js";
import { launcher } from "../launcher/stub-package.js";
import { fixtureRepository } from "../step/fixture-driver.js";

const lab = `table-${process.pid}`;
const fixture = fixtureRepository([
  { version: "1.0" },
  { version: "1.1", top: "this does not compile" },
  { version: "1.2" },
]);
writeFileSync(
  join(fixture.folder, "tarbisect.yaml"),
  JSON.stringify({
    driver: fixture.catalog,
    hosts: { server: { lab: `${lab}/target`, interfaces: [{ mac: "52:54:00:7b:00:01" }] } },
    target: "server",
    load: { inTree: "e1000" },
    stress: { run: 'case "$TARBISECT_VERSION" in 1.2) exit 1;; esac', timeout: "60s" },
  }),
);
afterAll(() => rmSync(fixture.folder, { recursive: true, force: true }));

interface Told {
  trials: {
    release: string;
    state: { kind: string; why?: string; evidence?: string; verdict?: { kind: string; cause?: string } };
  }[];
}

const check = new Ajv({ strict: true }).compile(matrixJsonSchema());

function matrix(...args: string[]): { told: Told; stderr: string } {
  const { status, stdout, stderr } = spawnSync(
    launcher,
    ["matrix", "--kernels", "6.1,in-tree", "--json", ...args],
    {
      cwd: fixture.repository,
      encoding: "utf8",
    },
  );
  expect(status, stderr).toBe(0);
  const told = JSON.parse(stdout) as Told;
  check(told);
  expect(check.errors).toBeNull();
  return { told, stderr };
}

describe("a table's trials", { timeout: 600_000 }, () => {
  it("are run on the kernel that it boots, and what was tested is not tested again", () => {
    const first = matrix("--try", "1.0,1.1,in-tree");
    expect(first.told.trials).toMatchObject([
      { release: "in-tree", state: { kind: "tested", verdict: { kind: "good" } } },
      { release: "1.0", state: { kind: "tested", verdict: { kind: "good" } } },
      { release: "1.1", state: { kind: "not-tested", why: "it does not build" } },
      { release: "1.2", state: { kind: "not-tested" } },
    ]);
    const evidence = first.told.trials[0]!.state.evidence!;
    const verdict = JSON.parse(readFileSync(join(evidence, "verdict.json"), "utf8")) as object;
    expect(verdict).toMatchObject({ version: "in-tree", proof: { module: "e1000" } });
    const second = matrix();
    expect(second.told.trials.slice(0, 2)).toEqual(first.told.trials.slice(0, 2));
    expect(second.told.trials[3]).toMatchObject({
      state: { kind: "tested", verdict: { kind: "bad", cause: "stress-failed" } },
    });
    expect(second.stderr.match(/^stress \.\.\.$/gm)).toHaveLength(1);
    expect(existsSync(labFolder(cacheFolder(process.env), matrixLabName(lab)))).toBe(false);
    const known = matrix("--known");
    expect(known.told).toEqual(second.told);
    expect(known.stderr).toBe("error 1: something to suggest\n");
  });
});
