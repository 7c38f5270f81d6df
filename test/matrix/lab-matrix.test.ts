// The trials of a table on guests that it boots itself: each release's module and the kernel's own are loaded and proved.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { afterAll, describe, expect, it } from "vitest";
import { matrixJsonSchema } from "../../src/cli/matrix-schema.js";
import { packageRoot } from "../../src/host/package-root.js";
import { cacheFolder } from "../../src/host/cache-folder.js";
import { matrixLabName } from "../../src/matrix/boot-lab.js";
import { labFolder } from "../../src/target/lab/lab-state.js";
import { launcher } from "../launcher/stub-package.js";
import { readSnippets, type ShownCommand } from "../docs/transcript.js";
import { fixtureRepository } from "../step/fixture-driver.js";

const lab = `table-${process.pid}`;
const fixture = fixtureRepository([
  { version: "1.2.6" },
  { version: "1.3.0", top: "this does not compile" },
  { version: "1.3.10" },
]);
writeFileSync(
  join(fixture.folder, "tarbisect.yaml"),
  JSON.stringify({
    driver: fixture.catalog,
    hosts: { server: { lab: `${lab}/target`, interfaces: [{ mac: "52:54:00:7b:00:01" }] } },
    target: "server",
    load: { inTree: "e1000" },
    stress: { run: 'case "$TARBISECT_VERSION" in 1.3.10) exit 1;; esac', timeout: "60s" },
  }),
);
afterAll(() => rmSync(fixture.folder, { recursive: true, force: true }));

interface Told {
  counts: Record<string, number>;
  trials: {
    release: string;
    state: { kind: string; why?: string; evidence?: string; verdict?: { kind: string; cause?: string } };
  }[];
}

const check = new Ajv({ strict: true }).compile(matrixJsonSchema());

/** The commands that the README shows of a table. */
const [buildOnly, some, all, known] = readSnippets(
  readFileSync(join(packageRoot, "README.md"), "utf8"),
).flatMap((one) => (one.kind === "transcript" && one.by === "matrix" ? one.commands : []));

/** Runs a shown command, here without an installed tarbisect. */
function run(command: string): { stdout: string; stderr: string } {
  const line = command.replace(/^tarbisect/, launcher);
  const { status, ...told } = spawnSync("sh", ["-c", line], { cwd: fixture.repository, encoding: "utf8" });
  expect(status, told.stderr).toBe(0);
  return told;
}

function matrix(shown: ShownCommand | undefined): { told: Told; stderr: string } {
  const { stdout, stderr } = run(`${shown!.command} --json`);
  const told = JSON.parse(stdout) as Told;
  check(told);
  expect(check.errors).toBeNull();
  return { told, stderr };
}

describe("a table's trials", { timeout: 600_000 }, () => {
  it("are run on the kernel that it boots, and what was tested is not tested again", () => {
    const built = matrix(buildOnly);
    expect(built.told.counts).toMatchObject({ cells: 4, built: 2 });
    expect(built.told.trials).toEqual([]);
    const first = matrix(some);
    expect(first.told.trials).toMatchObject([
      { release: "in-tree", state: { kind: "tested", verdict: { kind: "good" } } },
      { release: "1.2.6", state: { kind: "tested", verdict: { kind: "good" } } },
      { release: "1.3.0", state: { kind: "not-tested", why: "it does not build" } },
      { release: "1.3.10", state: { kind: "not-tested" } },
    ]);
    const evidence = first.told.trials[0]!.state.evidence!;
    const verdict = JSON.parse(readFileSync(join(evidence, "verdict.json"), "utf8")) as object;
    expect(verdict).toMatchObject({ version: "in-tree", proof: { module: "e1000" } });
    const second = matrix(all);
    expect(second.told.trials.slice(0, 2)).toEqual(first.told.trials.slice(0, 2));
    expect(second.told.trials[3]).toMatchObject({
      state: { kind: "tested", verdict: { kind: "bad", cause: "stress-failed" } },
    });
    expect(second.stderr.match(/^stress \.\.\.$/gm)).toHaveLength(1);
    expect(existsSync(labFolder(cacheFolder(process.env), matrixLabName(lab)))).toBe(false);
    const again = matrix({ ...all!, command: `${all!.command} --known` });
    expect(again.told).toEqual(second.told);
    expect(again.stderr).toBe("error 1: something to suggest\n");
    run(known!.command);
    expect(readFileSync(join(fixture.repository, "table.html"), "utf8")).toContain("<td>1.3.10</td>");
  });
});
