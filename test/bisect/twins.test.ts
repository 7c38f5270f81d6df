// The real command on two targets at once: one sshd on loopback under two names, which a stress tells apart by $MACHINE.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runBisect } from "../../src/bisect/run-bisect.js";
import { Fault } from "../../src/fault/fault.js";
import { bisectState, releaseRepository } from "../launcher/bisected-repository.js";
import { launcher } from "../launcher/stub-package.js";
import { hasSshd, startSshd, type LoopbackSshd } from "../step/loopback-sshd.js";

const releases = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ "driver.c": `int x = ${index};\n` }));

interface Status {
  state: string;
  found?: { name: string };
  trials: { name: string; verdict: string; target?: string }[];
}

const args = ["bisect", "--no-inside", "--retries", "0", "--good", "1.0", "--bad"];

describe.skipIf(!hasSshd)("tarbisect bisect on two targets", { timeout: 240_000 }, () => {
  let server: LoopbackSshd;
  beforeAll(async () => {
    server = await startSshd();
  });
  afterAll(() => server.stop());

  const env = (): NodeJS.ProcessEnv => ({ ...process.env, PATH: server.path });
  /** In a stress, `x` is the release's number and $here a folder of this repository's own. */
  function repositoryWith(count: number, stress: string): { repository: string; here: string } {
    const repository = releaseRepository(releases(count));
    const here = join(dirname(repository), "here");
    mkdirSync(here);
    const run = `here=${here}; x=$(tr -dc 0-9 <driver.c); ${stress}`;
    const { host: ssh, twin } = server;
    const settings = { ssh, twins: [twin], build: { run: "true" }, stress: { run, timeout: "2m" } };
    writeFileSync(join(dirname(repository), "tarbisect.yaml"), JSON.stringify(settings));
    return { repository, here };
  }
  const run = (cwd: string, ...words: string[]) =>
    spawnSync(launcher, words, { cwd, encoding: "utf8", env: env() });
  const status = (cwd: string): Status => JSON.parse(run(cwd, "bisect", "status", "--json").stdout) as Status;

  it("tests on both at the same time, and git has all verdicts in one log", () => {
    // The bad end's first two trials wait for each other.
    const meet =
      "if [ $x = 7 ]; then : >$here/$MACHINE; n=0; until [ -e $here/victim ] && [ -e $here/twin ]; " +
      "do n=$((n+1)); [ $n -lt 900 ] || exit 200; sleep 0.1; done; fi; ";
    const { repository } = repositoryWith(8, `${meet}test $x -lt 5`);
    const ended = run(repository, ...args, "1.7", "--failures", "2");
    expect(ended.stdout).toMatch(/^v1\.5 .* is the first bad one: 100 % sure\n/);
    expect(ended.status).toBe(0);
    expect(ended.stderr).toMatch(/^on twin: v1\.7 \(the bad end/m);
    expect(ended.stderr).toMatch(/^twin: stress ended with 1 /m);
    const { trials } = status(repository);
    expect(trials.slice(0, 2).map(({ target }) => target)).toEqual(
      expect.arrayContaining(["victim", "twin"]),
    );
    // git's own replay of that log comes to the same answer.
    const log = join(dirname(repository), "log");
    writeFileSync(log, bisectState(repository).log);
    execFileSync("git", ["bisect", "reset"], { cwd: repository, stdio: "ignore" });
    spawnSync("git", ["bisect", "replay", log], { cwd: repository });
    expect(bisectState(repository).log).toMatch(/# first bad commit: \[[0-9a-f]{40}\] Release 1\.5/);
  });

  it("goes on with one when the other breaks in the middle, and stops when both are broken", () => {
    // The twin's connection dies under its second trial, and under each later one; the other's while $here/all is there.
    const die = 'kill -KILL "$(ps -o ppid= -p "$PPID" | tr -d " ")"';
    const breaks =
      `if [ $MACHINE = twin ]; then if [ -e $here/once ]; then ${die}; fi; : >$here/once; ` +
      `elif [ -e $here/all ]; then ${die}; fi; `;
    const { repository, here } = repositoryWith(8, `${breaks}test $x -lt 5`);
    for (const name of ["once", "all"]) writeFileSync(join(here, name), "");
    expect(run(repository, ...args, "1.7", "--failures", "2").status).toBe(128);
    expect(status(repository)).toMatchObject({ state: "test", trials: [] });
    for (const name of ["once", "all"]) rmSync(join(here, name));
    const ended = run(repository, "bisect", "--no-inside", "--retries", "0");
    expect(ended.stderr).toMatch(/no verdict on twin: .*\n(hint: .*\n)?twin is left out until/);
    expect(ended.stdout).toMatch(/^v1\.5 .* is the first bad one/);
    expect(ended.status).toBe(0);
    const by = status(repository).trials.map(({ target }) => target);
    expect(by.filter((target) => target === "twin")).toHaveLength(1);
  });

  it("goes on after a kill in the middle of two trials", async () => {
    const once = "if ! [ -e $here/go ]; then : >$here/$MACHINE; sleep 100; fi; ";
    const { repository, here } = repositoryWith(5, `${once}test $x -lt 2`);
    const words = [...args, "1.4", "--failures", "2"];
    const child = spawn(launcher, words, { cwd: repository, env: env(), stdio: "ignore" });
    const code = new Promise<number | null>((resolve) => child.on("close", resolve));
    const both = (): boolean => ["victim", "twin"].every((name) => existsSync(join(here, name)));
    await expect.poll(() => both() || child.exitCode, { timeout: 90_000, interval: 100 }).toBe(true);
    child.kill("SIGKILL");
    await code;
    writeFileSync(join(here, "go"), "");
    expect(run(repository, ...words).stdout).toMatch(/^v1\.2 .* is the first bad one/);
    const names = status(repository).trials.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length - 1); // the bad end alone was tested twice
  });

  it("refuses twins that it can't tell apart", () => {
    const { repository } = repositoryWith(3, "true");
    const path = join(dirname(repository), "tarbisect.yaml");
    const settings = JSON.parse(readFileSync(path, "utf8")) as { ssh: string };
    writeFileSync(path, JSON.stringify({ ...settings, twins: [settings.ssh] }));
    const refused = run(repository, ...args, "1.2");
    expect(refused.stderr).toMatch(/twins\[0\]: "victim" has another part already/);
    expect(refused.status).toBe(129);
  });
});

describe("targets that are all lost", () => {
  it("end the bisect with the last one's fault; a usage fault of one ends it at once", async () => {
    const lost = new Fault("target-lost", "it is gone");
    const cwd = releaseRepository(releases(4));
    const ids = ["v1.0", "v1.3"].map((tag) =>
      execFileSync("git", ["rev-parse", `${tag}^{commit}`], { cwd, encoding: "utf8" }).trim(),
    );
    const told: string[] = [];
    const request = {
      ...{ cwd, good: ids[0], bad: ids[1], findFix: false, retries: 1 },
      targets: ["a", "b"],
      ahead: () => undefined,
      wait: () => Promise.resolve(),
      events: {
        goesOn: () => undefined,
        tests: () => undefined,
        inherits: () => undefined,
        waits: () => undefined,
        told: () => undefined,
        failed: ({ kind, target }: { kind: string; target: string }) => void told.push(`${target} ${kind}`),
      },
      nowMs: () => 0,
      random: () => 0.5,
    };
    await expect(runBisect({ ...request, test: () => Promise.reject(lost) })).rejects.toBe(lost);
    expect(told.sort()).toEqual(["a failed", "a left-out", "b failed", "b left-out"]);
    const usage = new Fault("usage", "the settings are wrong");
    await expect(runBisect({ ...request, test: () => Promise.reject(usage) })).rejects.toBe(usage);
  });
});
