// The table as a user gets it: the demo driver's releases on the headers that are installed here, really built.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv } from "ajv";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { matrixJsonSchema } from "../../src/cli/matrix-schema.js";
import { packageRoot } from "../../src/host/package-root.js";

const launcher = join(packageRoot, "bin/tarbisect.js");
const kernel = readdirSync("/lib/modules").find((name) =>
  existsSync(join("/lib/modules", name, "build/include/generated/utsrelease.h")),
)!;
const folder = mkdtempSync(join(tmpdir(), "tarbisect-matrix-"));
const repository = join(folder, "tbnic");
const env = { ...process.env, TARBISECT_CACHE: join(folder, "cache") };

/** The demo's catalog, whose fixup is said to be for another release than the one that needs it. */
function catalogText(fixupReleases: string): string {
  const text = readFileSync(join(packageRoot, "releases/demo.yaml"), "utf8");
  return text.replace('releases: "1.2.1"', `releases: "${fixupReleases}"`);
}

function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const asked = ["matrix", "--kernels", kernel, "--build-only", "--driver", "../tbnic.yaml", ...args];
  return spawnSync(launcher, asked, { cwd: repository, env, encoding: "utf8" });
}

interface Told {
  cells: {
    release: string;
    build: { kind: string; fixups?: string[]; path?: string };
    withoutFixups?: string;
  }[];
  failures: { error: string; suggestions: { by: string; fixup: object; tried: object }[] }[];
  counts: Record<string, number>;
}

const check = new Ajv({ strict: true }).compile(matrixJsonSchema());

function table(...args: string[]): Told {
  const { stdout, stderr, status } = run("--json", ...args);
  expect(status, stderr).toBe(0);
  const told = JSON.parse(stdout) as Told;
  check(told);
  expect(check.errors).toBeNull();
  return told;
}

beforeAll(() => {
  const packed = join(folder, "packed");
  const versions = ["1.1.4", "1.2.1", "1.2.3", "1.3.0"];
  for (const argv of [
    ["node", join(packageRoot, "scripts/pack-demo.js"), packed, ...versions],
    [launcher, "import", "--from", packed, "--into", repository],
  ]) {
    const { status, stderr } = spawnSync(argv[0]!, argv.slice(1), { cwd: folder, env, encoding: "utf8" });
    expect(status, stderr).toBe(0);
  }
  writeFileSync(join(folder, "tbnic.yaml"), catalogText("1.2.1"));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a table of builds", { timeout: 300_000 }, () => {
  it("stops at Ctrl-C and goes on with what was not built", async () => {
    const child = spawn(
      launcher,
      ["matrix", "--kernels", kernel, "--build-only", "--driver", "../tbnic.yaml", "--parallel", "1"],
      { cwd: repository, env, stdio: ["ignore", "pipe", "pipe"] },
    );
    let told = "";
    child.stderr.on("data", (chunk: Buffer) => {
      told += chunk.toString();
      if (/\(1 of 4/.test(told)) child.kill("SIGINT");
    });
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect(code, told).toBe(130);
    expect(told).toMatch(/^1\.1\.4 on \S+ builds \(1 of 4, \d+ min left\)$/m);
    const { stdout, stderr } = run();
    expect(stderr).toContain("(1 of 3");
    expect(stdout.split("\n").slice(0, 9)).toEqual([
      "tbnic: 4 releases on 1 kernel",
      "",
      "== Builds",
      "",
      `release  ${kernel}`,
      "1.1.4    builds",
      "1.2.1    builds with 1 fixup",
      "1.2.3    builds",
      "1.3.0    builds",
    ]);
    expect(run("--known").stderr).toBe("");
  });

  it("tells which cells the fixups won, and has the kernel's own driver as a row", () => {
    const { cells, counts } = table("--prove-fixups", "--releases", "1.2.1..1.2.3,in-tree");
    expect(cells).toMatchObject([
      { release: "in-tree", build: { kind: "not-shipped" } },
      {
        release: "1.2.1",
        build: { kind: "built", fixups: [expect.stringContaining("prandom_u32")] },
        withoutFixups: "failed",
      },
      { release: "1.2.3", build: { kind: "built", fixups: [] } },
    ]);
    expect(counts).toMatchObject({ cells: 3, built: 2, wonByFixups: 1, proved: 1 });
  });

  it("suggests the catalog's fixup for a release that it was not meant for, and builds with it", () => {
    writeFileSync(join(folder, "tbnic.yaml"), catalogText("1.1.0"));
    const { cells, failures } = table("--releases", "1.2.1");
    expect(cells).toMatchObject([{ build: { kind: "failed" } }]);
    expect(failures).toMatchObject([
      {
        error: expect.stringMatching(
          /^tbnic_ntuple\.c: implicit declaration of function .prandom_u32/,
        ) as string,
        suggestions: [
          {
            by: "catalog",
            fixup: { releases: "1.2.1", kernels: ">=6.1" },
            tried: { outcome: "builds", release: "1.2.1" },
          },
        ],
      },
    ]);
    expect(run("--releases", "1.2.1", "--format", "markdown").stdout).toContain("with this edit 1.2.1 on");
    const page = run("--releases", "1.2.1", "--format", "html").stdout;
    expect(page).toContain("<td>fails [1]</td>");
    expect(page).not.toContain("undefined");
    const counted = /\(1 of 1/;
    expect(run("--releases", "1.2.1").stderr).not.toMatch(counted);
    expect(run("--releases", "1.2.1", "--retry", "--no-try-fixups").stderr).toMatch(counted);
    writeFileSync(join(folder, "tbnic.yaml"), catalogText("1.2.1"));
  });

  it.each([
    [["--releases", "9.9"], 'there is no release "9.9" in this history'],
    [["--kernels", "6.99"], "no kernel package for 6.99 in apt's lists"],
    [["--kernels", "in-tree"], "no kernel is named"],
    [["--parallel", "0"], '"0" is no number of builds'],
  ])("%j is one sentence", (args, sentence) => {
    const { status, stderr, stdout } = run(...args);
    expect(stderr.split("\n")[0]).toBe(`tarbisect: ${sentence}`);
    expect(stdout).toBe("");
    expect(status).toBe(129);
  });
});
