// The real `git bisect run tarbisect step` on real repositories: the right answer, and no answer when it is not known.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { bisectRun, bisectState, eightReleases, startBisect } from "../launcher/bisected-repository.js";
import { launcher } from "../launcher/stub-package.js";
import { isRunning } from "./is-running.js";

function withSettings(repository: string, settings: string): string {
  writeFileSync(join(dirname(repository), "tarbisect.yaml"), settings);
  return repository;
}

function step(
  repository: string,
  args: string[] = [],
  env: NodeJS.ProcessEnv = {},
): { status: number | null; stdout: string; stderr: string } {
  const options = { cwd: repository, encoding: "utf8", env: { ...process.env, ...env } } as const;
  return spawnSync(launcher, ["step", ...args], options);
}

function trials(repository: string): string[] {
  const folder = join(repository, ".tarbisect/evidence");
  return readdirSync(folder).map((name) => join(folder, name));
}

const patience = { timeout: 60_000, interval: 100 };

const stages = (build: string, stress: string, more = ""): string =>
  `build: { run: ${JSON.stringify(build)}, timeout: 2m }\nstress: { run: ${JSON.stringify(stress)}, timeout: 2m }\n${more}`;

describe("tarbisect step under git bisect run", () => {
  it("names the first release that fails, keeps the evidence and leaves the work tree clean", async () => {
    const repository = withSettings(
      startBisect(eightReleases),
      stages(
        "touch built",
        'test -f built && test "$(tr -dc 0-9 <driver.c)" -lt 5 && test "$TARBISECT_VERSION" != 1.5',
      ),
    );
    const run = await bisectRun(repository, [launcher, "step"]);
    expect(run.output).toMatch(/[0-9a-f]{40} is the first bad commit[^]*Release 1\.5/);
    expect(execFileSync("git", ["-C", repository, "status", "--porcelain"], { encoding: "utf8" })).toBe("");
    const kept = trials(repository);
    expect(kept.length).toBe(3);
    for (const folder of kept)
      expect(readdirSync(folder).sort()).toEqual([
        "build.log",
        "settings.json",
        "stages.jsonl",
        "stress.log",
        "verdict.json",
      ]);
  });

  it("shows no command of the user's a secret that came by the environment", () => {
    const repository = withSettings(startBisect(eightReleases), stages("env", "true"));
    expect(step(repository, [], { TARBISECT_SECRET_BMC: "swordfish", OF_THE_USER: "seen" }).status).toBe(0);
    const log = readFileSync(join(trials(repository)[0]!, "build.log"), "utf8");
    expect(log).toContain("OF_THE_USER=seen");
    expect(log).not.toContain("swordfish");
  });

  it("skips what does not build, with the first error line", async () => {
    const repository = withSettings(
      startBisect(eightReleases),
      stages(
        'case $TARBISECT_VERSION in 1.[23]) echo "a.c:1: error: gone"; exit 2;; esac',
        "! grep -q 7 driver.c",
      ),
    );
    const run = await bisectRun(repository, [launcher, "step"]);
    expect(run.output).toMatch(/Release 1\.7/);
    execFileSync("git", ["-C", repository, "checkout", "-q", "v1.2"]);
    const one = step(repository);
    expect(one).toMatchObject({ status: 125 });
    expect(one.stdout).toMatch(
      /^tarbisect: 1\.2 \([0-9a-f]{10}\) can't be tested: a\.c:1: gone \(build ended with 2\)\n$/,
    );
  });

  it.each(["SIGINT", "SIGTERM", "SIGKILL"] as const)(
    "stops after %s, and ends what it had started",
    async (signal) => {
      const repository = withSettings(
        startBisect(eightReleases),
        stages("true", `sh -c 'echo $$ > "$HERE/stress"; exec sleep 77'`),
      );
      const here = dirname(repository);
      const run = bisectRun(repository, ["sh", "-c", `echo $$ >../mark; exec ${launcher} step`], {
        env: { HERE: here },
        meanwhile: async (pid) => {
          await expect.poll(() => existsSync(join(here, "stress")), patience).toBe(true);
          process.kill(pid, signal);
        },
      });
      const { output } = await run;
      expect(output).not.toMatch(/first bad commit/);
      expect(bisectState(repository)).toMatchObject({ underWay: true });
      expect(bisectState(repository).log).not.toMatch(/^git bisect (good|bad|skip)/m);
      const sleeper = readFileSync(join(here, "stress"), "utf8").trim();
      await expect.poll(() => isRunning(sleeper), patience).toBe(false);
    },
  );

  it("stops when the settings are broken, gone or meant for another tool", async () => {
    const repository = startBisect(eightReleases);
    for (const settings of ["stress: [", "a: 1", ""]) {
      withSettings(repository, settings);
      const run = await bisectRun(repository, [launcher, "step"]);
      expect(run.output).not.toMatch(/first bad commit/);
      expect(bisectState(repository).log).not.toMatch(/^git bisect (good|bad|skip)/m);
      expect(step(repository).status).toBe(129);
    }
  });
});

describe("an accident is no verdict:", () => {
  it.each([
    [
      "a stress command that is not there",
      stages("true", "no-such-stress"),
      /stress command can't be run: .*not found/,
    ],
    [
      "a stress command without the right to run",
      stages("true", "/etc/passwd"),
      /stress command can't be run/,
    ],
    ["a signal", stages("true", "kill -KILL $$"), /ended by signal 9/],
    ["a killed child of the shell", stages("true", "sh -c 'kill -KILL $$'; exit $?"), /ended by signal 9/],
    ["an exit code above 128", stages("true", "exit 200"), /says itself that it failed/],
    [
      "a time limit",
      stages("true", "sleep 50").replace(/2m }\n$/, "3s }\n"),
      /stress did not end within 3 s/,
    ],
    [
      "a full disk",
      stages("echo 'cc1: No space left on device'; exit 2", "true"),
      /outside the release: cc1: No space/,
    ],
    [
      "a missing compiler",
      stages(
        "gcc-nowhere; make -s -f /dev/null x CC=y; gcc() { echo 'sh: 1: gcc: not found'; return 2; }; gcc",
        "true",
      ),
      /outside the release/,
    ],
    [
      "a module that is in the way",
      stages(
        "true",
        "true",
        "load: { run: \"echo 'insmod: ERROR: could not insert module x.ko: File exists'; exit 1\" }",
      ),
      /outside the release: insmod/,
    ],
    ["HEAD that moves", stages("true", 'git -C "$REPO" checkout -q v1.0'), /HEAD moved from/],
    [
      "an ssh host that is not there",
      stages("true", "false", "ssh: nobody@127.0.0.1\n"),
      /can't be used over ssh|can't start ssh|cannot start ssh/,
    ],
  ])("%s", (_, settings, says) => {
    const repository = withSettings(startBisect(eightReleases), settings);
    const env = { ...process.env, REPO: repository };
    const { status, stderr } = spawnSync(launcher, ["step"], { cwd: repository, encoding: "utf8", env });
    expect(stderr).toMatch(says);
    expect(status).toBe(128);
    const [folder] = trials(repository);
    expect(existsSync(join(folder!, "verdict.json"))).toBe(false);
    expect(existsSync(join(folder!, "fault.json"))).toBe(true);
  });

  it("the wrong folder", () => {
    const repository = withSettings(startBisect(eightReleases), stages("true", "false"));
    expect(step(dirname(repository)).status).toBe(129);
  });

  it("evidence that can't be kept", () => {
    const repository = withSettings(
      startBisect(eightReleases),
      stages("true", "false", "evidence: /dev/null/x\n"),
    );
    expect(step(repository)).toMatchObject({ status: 128 });
  });
});

describe("the source's copy", () => {
  it("is the commit's tree byte for byte, whatever attributes it ships, and the work tree stays as it is", () => {
    const files = {
      ".gitattributes": "secret.c export-ignore\n*.h text eol=crlf\n",
      "secret.c": "int y;\n",
      "a.h": "int z;\n",
    };
    const repository = startBisect([files, { ...files, "a.h": "int zz;\n" }]);
    mkdirSync(join(repository, "build"));
    withSettings(
      repository,
      stages(
        "test -f secret.c && ! grep -q \"$(printf '\\r')\" a.h && echo x >>secret.c",
        "grep -q x secret.c",
      ),
    );
    expect(step(repository)).toMatchObject({ status: 0 });
    expect(statSync(join(repository, "secret.c")).size).toBe(7);
  });
});

describe("a driver's fixups", () => {
  it("are applied to the copy, before the build, and the compiler's flags are handed on", () => {
    const repository = startBisect([{ "x.c": "old();\n" }, { "x.c": "older();\n" }]);
    const catalog = `driver: x
module: x
sourceFolder: .
recipe: { kind: kbuild }
fixups:
  - { kind: sed, releases: "<9", kernels: "*", reason: "old is gone", files: ["*.c"], expression: "s/old/new/" }
  - { kind: include, releases: "*", kernels: "*", reason: "a header is gone", header: "int z;" }
releases:
  - { version: "1.1", urls: [x.tar.gz] }
`;
    writeFileSync(join(dirname(repository), "x.yaml"), catalog);
    const build = 'set -- $TARBISECT_CFLAGS; test "$1" = -include && grep -q "int z" "$2"';
    withSettings(repository, stages(build, "grep -qx 'newer();' x.c", "driver: ./x.yaml\n"));
    const { status, stderr } = step(repository);
    expect(stderr).toMatch(/fixup: old is gone\nfixup: a header is gone\n/);
    expect(status).toBe(0);
    expect(readFileSync(join(repository, "x.c"), "utf8")).toBe("older();\n");
  });
});

describe("a flag", () => {
  it("wins over a variable, which wins over the file", () => {
    const repository = withSettings(
      startBisect(eightReleases),
      stages("true", 'test "$TARBISECT_KERNEL" = flag', "kernel: file\n"),
    );
    expect(step(repository)).toMatchObject({ status: 1 });
    expect(step(repository, ["--kernel", "flag"])).toMatchObject({ status: 0 });
    expect(step(repository, ["--kernle", "flag"])).toMatchObject({ status: 129 });
  });
});

describe("what a stage leaves running", () => {
  it("is ended with it, and does not hold the step", () => {
    const repository = startBisect(eightReleases);
    const pid = join(dirname(repository), "pid");
    withSettings(repository, stages(`sleep 888 & echo $! >${pid}; true`, "true"));
    expect(step(repository)).toMatchObject({ status: 0 });
    expect(isRunning(readFileSync(pid, "utf8").trim())).toBe(false);
  });
});
