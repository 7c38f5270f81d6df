// The real `git bisect run` with every accident that Node would end in 1: none may name a commit.
import { mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type BisectRun, bisectRun, bisectState, eightReleases, startBisect } from "./bisected-repository.js";
import { launcher, packageWithMain } from "./stub-package.js";

const mark = `require("node:fs").writeFileSync("../mark", process.pid + "\\n");`;
const waitForEver = "setInterval(() => {}, 1000); await new Promise(() => {});";

function expectStopped(repository: string, run: BisectRun): void {
  expect(run.output).not.toMatch(/is the first bad commit|skipp/);
  const { underWay, log } = bisectState(repository);
  expect(underWay, run.output).toBe(true);
  expect(log.match(/^git bisect (good|bad|skip)/gm), run.output).toBeNull();
  expect(run.output).toMatch(/exit code (12[89]|1[3-9]\d|2\d\d) from/);
  expect(run.status, run.output).not.toBe(0);
}

const accidents: Record<string, { main: string | undefined; says: RegExp }> = {
  "a throw while loading": { main: `throw new Error("boom");`, says: /internal error: Error: boom/ },
  "a throw in a callback": {
    main: `exports.main = () => new Promise(() => setTimeout(() => { throw new Error("boom"); }, 1));`,
    says: /internal error: Error: boom/,
  },
  "a rejected promise": {
    main: `exports.main = async function main() { throw new TypeError("boom"); }`,
    says: /internal error: TypeError: boom/,
  },
  "a rejected promise that nobody awaits": {
    main: `exports.main = async function main() { void Promise.reject(new Error("boom")); await new Promise((r) => setTimeout(r, 50)); return 0; }`,
    says: /internal error: Error: boom/,
  },
  "a missing built file": { main: undefined, says: /the build is missing: .*npm run build/ },
  "a missing part of the build": {
    main: `require("./gone.cjs");`,
    says: /the build is missing: .*gone\.cjs/,
  },
  "a syntax error in the build": { main: `function {`, says: /internal error: [^]*SyntaxError/ },
  "a promise that never settles": {
    main: `exports.main = () => new Promise(() => {});`,
    says: /ended without a result/,
  },
  "an exit code that the system makes 0": {
    main: `exports.main = async () => 256;`,
    says: /ended with 256/,
  },
  "an exit code that git reads as bad": {
    main: `exports.main = async () => 127;`,
    says: /ended with 127/,
  },
  "no exit code": { main: `exports.main = async () => undefined;`, says: /ended with undefined/ },
};

describe("git bisect run stops with its state after", () => {
  it.each(Object.entries(accidents))("%s", async (_, { main, says }) => {
    const repository = startBisect(eightReleases);
    const run = await bisectRun(repository, [packageWithMain(main), "step"]);
    expectStopped(repository, run);
    expect(run.output).toMatch(says);
  });

  it.each(["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"] as const)("%s", async (signal) => {
    const repository = startBisect(eightReleases);
    const stub = packageWithMain(
      `${mark} exports.main = async function main({ signal }) { signal.addEventListener("abort", () => setTimeout(() => process.exit(130), 1)); ${waitForEver} }`,
    );
    const run = await bisectRun(repository, [stub, "step"], {
      meanwhile: (pid) => process.kill(pid, signal),
    });
    expectStopped(repository, run);
  });

  it("SIGINT that the command does not hear", async () => {
    const repository = startBisect(eightReleases);
    const stub = packageWithMain(`${mark} exports.main = async function main() { ${waitForEver} }`);
    const run = await bisectRun(repository, [stub, "step"], {
      meanwhile: (pid) => process.kill(pid, "SIGINT"),
    });
    expectStopped(repository, run);
  });

  it.each([
    ["a closed stdout", "exec > >(exec true); sleep 0.3"],
    ["a full disk under stdout", "exec > /dev/full"],
    ["a closed stderr", "exec 2> >(exec true); sleep 0.3"],
  ])("%s", async (_, redirect) => {
    const repository = startBisect(eightReleases);
    const stub = packageWithMain(
      `exports.main = async function main() { process.stdout.write("verdict\\n"); process.stderr.write("note\\n"); return 0; }`,
    );
    const run = await bisectRun(repository, ["bash", "-c", `${redirect}; exec ${stub} step`]);
    expectStopped(repository, run);
  });

  it("bad NODE_OPTIONS", async () => {
    const repository = startBisect(eightReleases);
    const stub = packageWithMain(`exports.main = async () => 128;`);
    for (const NODE_OPTIONS of ["--require /nowhere.js", "--no-such-option"])
      expectStopped(repository, await bisectRun(repository, [stub, "step"], { env: { NODE_OPTIONS } }));
  });

  it("a Node that is missing, broken or too old", async () => {
    const repository = startBisect(eightReleases);
    for (const script of ["exit 127", "echo v12.22.0"]) {
      const folder = mkdtempSync(join(tmpdir(), "tarbisect-node-"));
      writeFileSync(join(folder, "node"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      const run = await bisectRun(repository, [launcher, "step"], {
        env: { PATH: `${folder}:${process.env.PATH ?? ""}` },
      });
      expectStopped(repository, run);
      expect(run.output).toMatch(/no Node\.js 20 or newer on PATH/);
    }
  });

  it("an unknown option and an unknown command", async () => {
    const repository = startBisect(eightReleases);
    for (const words of [["step", "--nonsense"], ["stepp"], ["--nonsense"]])
      expectStopped(repository, await bisectRun(repository, [launcher, ...words]));
  });
});

describe("the launcher", () => {
  it("works through a symbolic link, as npm install -g makes one", async () => {
    const repository = startBisect(eightReleases);
    const link = join(mkdtempSync(join(tmpdir(), "tarbisect-link-")), "tarbisect");
    symlinkSync(packageWithMain(`exports.main = async () => 1;`), link);
    const run = await bisectRun(repository, [link, "step"]);
    expect(run.output).toMatch(/is the first bad commit/);
  });
});
