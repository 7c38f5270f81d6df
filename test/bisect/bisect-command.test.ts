// The real command on real repositories with shell commands as the test: the right answer, and whatever is killed, said
// by a person or wrong with the harness in between, no other one.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Ajv } from "ajv";
import { beforeAll, describe, expect, it } from "vitest";
import { bisectJsonSchema } from "../../src/cli/bisect-schema.js";
import { bisectState, releaseRepository } from "../launcher/bisected-repository.js";
import { launcher } from "../launcher/stub-package.js";

const releases = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ "driver.c": `int x = ${index};\n` }));

interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** In a stress, `x` is what the release's driver.c says, its number, and $here the folder around the repository. */
function withStress(repository: string, stress: string, build = "true"): string {
  const script = `here=${dirname(repository)}; x=$(tr -dc 0-9 <driver.c); ${stress}`;
  const settings = `build: { run: ${JSON.stringify(build)} }\nstress: { run: ${JSON.stringify(script)}, timeout: 20s }\n`;
  writeFileSync(join(dirname(repository), "tarbisect.yaml"), settings);
  return repository;
}

function tarbisect(repository: string, ...args: string[]): Ended {
  return spawnSync(launcher, args, { cwd: repository, encoding: "utf8" });
}

/** The same beside what else runs. */
function begun(repository: string, ...args: string[]): Promise<Ended> {
  const child = spawn(launcher, args, { cwd: repository });
  const ended: Ended = { status: null, stdout: "", stderr: "" };
  child.stdout.on("data", (piece) => (ended.stdout += String(piece)));
  child.stderr.on("data", (piece) => (ended.stderr += String(piece)));
  return new Promise((resolve) => child.on("close", (status) => resolve({ ...ended, status })));
}

function git(repository: string, ...args: string[]): string {
  return execFileSync("git", args, { cwd: repository, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

interface Status {
  state: string;
  found?: { name: string };
  flakiness: string;
  candidates: { name: string }[];
  trials: { name: string; verdict: string }[];
}

const check = new Ajv({ strict: true }).compile(bisectJsonSchema());

function status(repository: string): Status {
  const told = JSON.parse(tarbisect(repository, "bisect", "status", "--json").stdout) as Status;
  check(told);
  expect(check.errors).toBeNull();
  return told;
}

const bisect = ["bisect", "--no-inside", "--retries", "0"];
const ends = [...bisect, "--good", "1.0", "--bad"];

describe("tarbisect bisect", () => {
  let retried: Promise<Ended>;
  // Its wait for the next try passes beside the other tests.
  beforeAll(() => {
    const once = 'test -f $here/seen || { touch $here/seen; exit 200; }; test "$x" -lt 1';
    const repository = withStress(releaseRepository(releases(2)), once);
    const args = ["bisect", "--no-inside", "--good", "1.0", "--bad", "1.1", "--failures", "1"];
    retried = begun(repository, ...args);
  });

  it("tests the ends, finds the release, and leaves git with its own answer", () => {
    const repository = withStress(releaseRepository(releases(16)), 'test "$x" -lt 11');
    const run = tarbisect(repository, ...ends, "1.15");
    expect(
      run.stdout
        .replaceAll(/[\d.]+ (s|min)\b/g, "N s")
        .replace("N s to N s", "N s")
        .replaceAll(/\b[0-9a-f]{10}\b/g, "ID"),
    ).toBe(
      [
        "v1.11 (ID) is the first bad one: 100 % sure",
        "v1.15 failed in 3 of 3 trials after N s; v1.0 passed 1 of 1",
        "8 trials, N s; git bisect log has them",
        "",
      ].join("\n"),
    );
    expect(run.stderr).toContain("looking for the bug between v1.0 and v1.15: 14 commits in between\n");
    expect(run.stderr).toContain("about 8 trials left, how long shows after the first\n");
    expect(run.status).toBe(0);
    expect(bisectState(repository).log).toMatch(/# first bad commit: \[[0-9a-f]{40}\] Release 1\.11/);
    expect(git(repository, "status", "--porcelain")).toBe("");
    expect(status(repository)).toMatchObject({ state: "found", found: { name: "v1.11" } });
    // Said again without a trial.
    expect(tarbisect(repository, ...ends, "1.15")).toMatchObject({ status: 0, stdout: run.stdout });
  });

  it(
    "loses the trial under way at most when it is killed, wherever that is",
    { timeout: 240_000 },
    async () => {
      const repository = withStress(releaseRepository(releases(12)), 'test "$x" -lt 8');
      let kills = 0;
      for (let ended = false; !ended;) {
        const args = [...ends, "1.11", "--failures", "1"];
        const child = spawn(launcher, args, { cwd: repository, stdio: "ignore" });
        const code = new Promise<number | null>((resolve) => child.on("close", resolve));
        // Ever later after the start of the process, so that it ends on however slow a machine.
        const killed = sleep(150 + ((kills * 337) % 1100) + 60 * kills).then(() => child.kill("SIGKILL"));
        ended = (await code) === 0;
        await killed;
        if (!ended) kills++;
      }
      expect(kills).toBeGreaterThan(1);
      const { found, trials } = status(repository);
      expect(found).toMatchObject({ name: "v1.8" });
      // What is in the log was not tested twice: the ends, and log2 of 11.
      expect(trials.length).toBeLessThanOrEqual(2 + 4);
      expect(bisectState(repository).log).toMatch(/# first bad commit: .* Release 1\.8/);
    },
  );

  it("goes on from what a person tells git in between", () => {
    const repository = withStress(
      releaseRepository(releases(16)),
      'test "$x" != 7 || exit 200; test "$x" -lt 11',
    );
    const args = [...ends, "1.15", "--failures", "0"];
    const first = tarbisect(repository, ...args);
    expect(first.status).toBe(128);
    expect(bisectState(repository)).toMatchObject({ underWay: true });
    expect(status(repository).trials).toEqual([]);
    git(repository, "bisect", "good", "v1.12");
    const run = tarbisect(repository, ...args);
    expect(run.stdout).toMatch(/^v1\.13 .* is the first bad one/);
    expect(status(repository).trials.map(({ name }) => name)).not.toContain("v1.7");
  });

  it("takes over a bisect that git began, and believes its ends no more than others", () => {
    const repository = withStress(releaseRepository(releases(8)), "true");
    git(repository, "bisect", "start", "v1.7", "v1.0");
    const run = tarbisect(repository, ...bisect);
    expect(run.stdout).toMatch(/^v1\.7 never failed\n/);
    expect(run.stdout).toMatch(/hint: more load/);
    expect(run.status).toBe(125);
    expect(status(repository).trials).toHaveLength(12);
  });

  it("repeats when the bad end passes at times, without being told to", { timeout: 120_000 }, () => {
    // Every second trial of a bad release fails.
    const flips =
      'n=$(cat $here/n 2>/dev/null || echo 0); echo $((n+1)) >$here/n; test "$x" -lt 5 || test $((n%2)) = 0';
    const repository = withStress(releaseRepository(releases(8)), flips);
    const run = tarbisect(repository, ...ends, "1.7");
    expect(run.stdout).toMatch(/^v1\.5 .* is the first bad one: 9\d(\.\d)? % sure\n/);
    expect(status(repository)).toMatchObject({ flakiness: "one-sided" });
    expect(bisectState(repository).log).toMatch(/# first bad commit: .* Release 1\.5/);
  });

  it("says when the good end fails, and when no verdict may be wrong but one is", () => {
    const always = withStress(releaseRepository(releases(4)), "false");
    expect(tarbisect(always, ...ends, "1.3", "--flaky", "none")).toMatchObject({
      status: 125,
      stdout: expect.stringMatching(
        /^v1\.0, the good end, failed\n[^]*hint: an older good release/,
      ) as string,
    });
    const alike = tarbisect(withStress(releaseRepository(releases(4)), "false"), ...ends, "1.3");
    expect(alike).toMatchObject({
      status: 125,
      stdout: expect.stringMatching(/^v1\.0 and v1\.3 can't be told apart/) as string,
    });
    const never = withStress(releaseRepository(releases(4)), "true");
    expect(tarbisect(never, ...ends, "1.3", "--flaky", "none").stdout).toMatch(/^v1\.3 passed in a trial/);
  });

  it("names every release that may be it when what lies between can't be built", () => {
    const repository = withStress(
      releaseRepository(releases(12)),
      'test "$x" -lt 6',
      'case $TARBISECT_VERSION in 1.[4567]) echo "a.c:1: error: gone"; exit 2;; esac',
    );
    const run = tarbisect(repository, ...ends, "1.11");
    expect(run.status).toBe(125);
    expect(run.stdout).toMatch(/^it came with one of v1\.4, v1\.5, v1\.6, v1\.7, v1\.8: 95 % sure\n/);
    expect(run.stdout).toMatch(/\ncan't be tested: v1\.4, v1\.5, v1\.6, v1\.7\n/);
    expect(bisectState(repository).log).toMatch(/# possible first bad commit/);
  });

  it("finds the release that mended it", () => {
    const repository = withStress(releaseRepository(releases(12)), 'test "$x" -ge 8');
    const backwards = [...bisect, "--bad", "1.0", "--good", "1.11"];
    const refused = tarbisect(repository, ...backwards);
    expect(refused.stderr).toMatch(/the bad release is older[^]*hint: --find-fix/);
    expect(refused.status).toBe(129);
    const run = tarbisect(repository, ...backwards, "--find-fix");
    expect(run.stdout).toMatch(/^v1\.8 \([0-9a-f]{10}\) is the first good one again: 100 % sure\n/);
    expect(bisectState(repository).log).toMatch(/# first fixed commit: \[[0-9a-f]{40}\] Release 1\.8/);
  });

  it("tests the ends where nothing lies between them, and does not touch what the user has changed", () => {
    const repository = withStress(releaseRepository(releases(3)), 'test "$x" -lt 2');
    const next = [...bisect, "--good", "1.1", "--bad", "1.2"];
    const run = tarbisect(repository, ...next);
    expect(run.stdout).toMatch(/^v1\.2 .* is the first bad one: 100 % sure\n/);
    expect(status(repository).trials).toHaveLength(4);
    expect(bisectState(repository).log).toMatch(/# first bad commit/);
    git(repository, "bisect", "reset");
    writeFileSync(join(repository, "driver.c"), "int x = 17;\n");
    const refused = tarbisect(repository, ...ends, "1.2");
    expect(refused.status).toBe(128);
    expect(refused.stderr).toMatch(/hint: git status/);
    expect(readFileSync(join(repository, "driver.c"), "utf8")).toBe("int x = 17;\n");
  });

  it("stops for a fault of ours with its state kept, and tests that commit again", () => {
    const repository = withStress(
      releaseRepository(releases(8)),
      'test ! -f $here/broken || exit 200; test "$x" -lt 3',
    );
    writeFileSync(join(dirname(repository), "broken"), "");
    expect(tarbisect(repository, ...ends, "1.7").status).toBe(128);
    expect(status(repository).trials).toEqual([]);
    execFileSync("rm", [join(dirname(repository), "broken")]);
    expect(tarbisect(repository, ...bisect).stdout).toMatch(/^v1\.3 /);
  });

  it("lets git say its answer where a kill came between the last mark and that", () => {
    const repository = withStress(releaseRepository(releases(4)), 'test "$x" -lt 2');
    const run = tarbisect(repository, ...ends, "1.3", "--failures", "1");
    const log = join(repository, ".git/BISECT_LOG");
    const whole = readFileSync(log, "utf8");
    expect(whole).toMatch(/\n# first bad commit: .*\n$/);
    writeFileSync(log, whole.replace(/# first bad commit: .*\n$/, ""));
    expect(tarbisect(repository, ...bisect)).toMatchObject({ status: 0, stdout: run.stdout });
    expect(readFileSync(log, "utf8")).toBe(whole);
  });

  it("completes a beginning that was cut short", () => {
    const repository = withStress(releaseRepository(releases(4)), 'test "$x" -lt 2');
    const [good, bad] = ["v1.0", "v1.3"].map((tag) => git(repository, "rev-parse", `${tag}^{commit}`).trim());
    const plan = { good, bad, confidence: 0.95, failures: 1 };
    mkdirSync(join(repository, ".git/tarbisect"));
    writeFileSync(
      join(repository, ".git/tarbisect/next-bisect-log"),
      `git bisect start '--first-parent' '${bad}' '${good}'\n# tarbisect plan ${JSON.stringify(plan)}\n`,
    );
    expect(tarbisect(repository, ...bisect).stdout).toMatch(/^v1\.2 .* is the first bad one/);
    expect(existsSync(join(repository, ".git/tarbisect/next-bisect-log"))).toBe(false);
  });

  it("tries again after a fault that passes, and says so", { timeout: 120_000 }, async () => {
    const run = await retried;
    expect(run.stderr).toMatch(/no verdict: the stress command was ended[^]*\nthe next try is in 30 s\n/);
    expect(run.stdout).toMatch(/^v1\.1 /);
  });

  it("refuses other ends, an unknown release, and a second one at a time", async () => {
    const repository = withStress(
      releaseRepository(releases(8)),
      'touch $here/runs; sleep 1; test "$x" -lt 3',
    );
    expect(tarbisect(repository, ...ends, "1.9")).toMatchObject({ status: 129 });
    expect(tarbisect(repository, ...bisect).stderr).toMatch(/no bisect is under way here/);
    const child = spawn(launcher, [...ends, "1.7"], { cwd: repository, stdio: "ignore" });
    while (!existsSync(join(dirname(repository), "runs"))) await sleep(50);
    const second = tarbisect(repository, ...ends, "1.7");
    expect(second.stderr).toMatch(/process \d+ bisects here already/);
    expect(second.status).toBe(129);
    const ended = new Promise((resolve) => child.on("close", resolve));
    child.kill("SIGINT");
    expect(await ended).toBe(130);
    const other = tarbisect(repository, ...ends, "1.6");
    expect(other.stderr).toMatch(/another bisect is under way: its bad end is/);
  });
});

describe("a bisect in a person's hands", () => {
  it("takes the last verdict back, as often as asked", () => {
    const repository = withStress(releaseRepository(releases(16)), 'test "$x" -lt 11 && test ! -f $here/odd');
    tarbisect(repository, ...ends, "1.15");
    const before = status(repository).trials.map(({ name }) => name);
    expect(tarbisect(repository, "back").stdout).toMatch(/^taken back: v1\.\d+ was (good|bad)\nnext: /);
    expect(tarbisect(repository, "back").status).toBe(0);
    expect(status(repository).trials.map(({ name }) => name)).toEqual(before.slice(0, -2));
    expect(bisectState(repository).log).not.toMatch(/first bad commit/);
    writeFileSync(join(dirname(repository), "odd"), "");
    // What is tested anew fails now, so the answer is another one.
    expect(tarbisect(repository, ...bisect).stdout).not.toMatch(/^v1\.11 /);
    expect(tarbisect(releaseRepository(releases(2)), "back")).toMatchObject({ status: 129 });
  });

  it("holds before the next trial while it is paused, as does a step", () => {
    const repository = withStress(releaseRepository(releases(8)), 'test "$x" -lt 3');
    expect(tarbisect(repository, "pause").status).toBe(0);
    const run = tarbisect(repository, ...ends, "1.7");
    expect(run.stderr).toMatch(/tarbisect: the bisect is paused\nhint: tarbisect resume/);
    expect(run.status).toBe(252);
    expect(tarbisect(repository, "step").status).toBe(252);
    expect(git(repository, "status", "--porcelain")).toBe("");
    expect(tarbisect(repository, "resume").stdout).toMatch(/^resumed/);
    expect(tarbisect(repository, ...bisect).stdout).toMatch(/^v1\.3 /);
  });

  it("keeps its trials where a log is cut in the middle of a line", () => {
    const repository = withStress(releaseRepository(releases(8)), 'test "$x" -lt 3');
    tarbisect(repository, ...ends, "1.7", "--failures", "1");
    const log = join(repository, ".git/BISECT_LOG");
    const text = readFileSync(log, "utf8");
    writeFileSync(log, `${text}# tarbisect trial {"comm`);
    expect(tarbisect(repository, ...bisect, "--confidence", "99").stdout).toMatch(/^v1\.3 /);
  });
});

describe("inside the release", () => {
  const line = (name: string, value: number): string => `int ${name}(void)\n{\n\treturn ${value};\n}\n`;
  const program = (release: number): { "a.c": string } => ({
    "a.c": Array.from({ length: 6 }, (_, at) => line(`f${at}`, release * 10 + at)).join(""),
  });

  it("goes on between the changes, and shows that the culprit is the cause", { timeout: 240_000 }, () => {
    const repository = withStress(
      releaseRepository([0, 1, 2, 3].map(program)),
      "! grep -qE 'return (2|3)4;' a.c",
      "gcc -c a.c",
    );
    const args = ["bisect", "--good", "1.0", "--bad", "1.3", "--failures", "1"];
    const run = tarbisect(repository, ...args);
    expect(run.stderr).toMatch(/\nv1\.2 \([0-9a-f]{10}\) is the first bad one: 100 % sure\n/);
    expect(run.stdout).toMatch(/^[0-9a-f]{10} \(a\.c: f4: 2 lines\) is the first bad one: 100 % sure\n/);
    expect(run.stdout).toMatch(
      /\nthe bad release without it is good\nthe good release with it is bad: it is the cause\n/,
    );
    expect(run.status).toBe(0);
    expect(readFileSync(join(repository, "revert.patch"), "utf8")).toMatch(/-\treturn 24;\n\+\treturn 14;/);
    // Told again without a trial, by the ends of the bisect that led there.
    const count = status(repository).trials.length;
    expect(tarbisect(repository, ...args)).toMatchObject({ status: 0, stdout: run.stdout });
    expect(status(repository).trials).toHaveLength(count);
    expect(tarbisect(repository, ...ends, "1.2").stderr).toMatch(/another bisect is under way/);
  });

  it(
    "suspects the commits of what the trace tells, where a verdict may be wrong",
    { timeout: 240_000 },
    () => {
      const repository = withStress(
        releaseRepository([0, 1].map(program)),
        "! grep -q 'return 14;' a.c || { cat $here/oops; exit 1; }",
        "gcc -c a.c",
      );
      const frames = [
        "RIP: 0010:f4+0x10/0x40 [demo]",
        "Call Trace:",
        " <TASK>",
        " f5+0x1f/0x40 [demo]",
        " </TASK>",
      ];
      const oops = [
        "BUG: kernel NULL pointer dereference, address: 0000000000000008",
        "Oops: 0000 [#1] SMP",
        ...frames,
      ];
      const lines = oops.map((text, at) => `[  100.00000${at}] ${text}\n`).join("");
      writeFileSync(join(dirname(repository), "oops"), lines);
      const args = ["bisect", "--good", "1.0", "--bad", "1.1", "--failures", "1", "--flaky", "one-sided"];
      const run = tarbisect(repository, ...args);
      expect(run.stderr).toMatch(
        /\nweighed by the suspects of the trace, 5:1 at most: f4, .* \(\d commits? above 1\)\n/,
      );
      expect(run.stdout).toMatch(
        /^[0-9a-f]{10} \(a\.c: f4: 2 lines\) is the first bad one: 9\d(\.\d)? % sure\n/,
      );
      expect(bisectState(repository).log).toMatch(
        /^# tarbisect prior \{"factors":\[\{"commit":"[0-9a-f]{40}","factor":5\}/m,
      );
    },
  );

  it("a step takes over the verdict of a commit with the same code", () => {
    const repository = withStress(releaseRepository(releases(3)), 'echo x >>$here/runs; test "$x" -lt 1');
    git(repository, "checkout", "-q", "v1.1");
    const who = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
    const message = "comments\n\nTarbisect-Code: same-as PARENT\n";
    git(repository, ...who, "commit", "-q", "--allow-empty", "-m", message);
    git(repository, ...who, "commit", "-q", "--allow-empty", "-m", message);
    // Nothing is known of the parents yet, so it is tested.
    expect(tarbisect(repository, "step").status).toBe(1);
    const again = git(repository, "rev-parse", "HEAD").trim();
    git(repository, ...who, "commit", "-q", "--allow-empty", "-m", message);
    const inherited = tarbisect(repository, "step");
    expect(inherited.stderr).toMatch(/its code is that of a commit that was tested/);
    expect(inherited.stdout).toMatch(/^tarbisect: 1\.1 \([0-9a-f]{10}\) is bad/);
    expect(inherited.status).toBe(1);
    git(repository, "checkout", "-q", again);
    expect(tarbisect(repository, "step").status).toBe(1);
    expect(readFileSync(join(dirname(repository), "runs"), "utf8")).toBe("x\nx\n");
  });
});
