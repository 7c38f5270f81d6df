// Stages on a host that a real OpenSSH client reaches at a real sshd on loopback.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eightReleases, startBisect } from "../launcher/bisected-repository.js";
import { launcher } from "../launcher/stub-package.js";
import { hasSshd, type LoopbackSshd, startSshd } from "./loopback-sshd.js";
import { isRunning } from "./is-running.js";

const patience = { timeout: 60_000, interval: 100 };

describe.skipIf(!hasSshd)("tarbisect step over ssh", { timeout: 180_000 }, () => {
  let server: LoopbackSshd;
  beforeAll(async () => {
    server = await startSshd();
  });
  afterAll(() => server.stop());

  function repositoryWith(stress: string, timeout = "2m"): string {
    const repository = startBisect(eightReleases);
    const settings = {
      ssh: server.host,
      build: { run: "cat driver.c >built" },
      stress: { run: stress, timeout },
    };
    writeFileSync(join(dirname(repository), "tarbisect.yaml"), JSON.stringify(settings));
    return repository;
  }
  const env = (): NodeJS.ProcessEnv => ({ ...process.env, PATH: server.path });
  function step(repository: string): { status: number | null; stderr: string; stdout: string } {
    return spawnSync(launcher, ["step"], { cwd: repository, encoding: "utf8", env: env() });
  }

  it("tests the commit's files there and takes them away", () => {
    const repository = repositoryWith(
      'pwd; test -n "$SSH_CONNECTION" && cmp built driver.c && ! grep 3 built',
    );
    const { status, stdout } = step(repository);
    expect(stdout).toMatch(/^tarbisect: 1\.3 \(.{10}\) is bad: int x = 3;/);
    expect(status).toBe(1);
    const evidence = spawnSync("sh", ["-c", "cat .tarbisect/evidence/*/stress.log"], {
      cwd: repository,
      encoding: "utf8",
    });
    const [folder] = evidence.stdout.split("\n");
    expect(folder).toMatch(/^\/.*tarbisect\./);
    expect(existsSync(folder!)).toBe(false);
  });

  it("tells a command's 255 from ssh's, and neither is a verdict", () => {
    expect(step(repositoryWith("exit 255"))).toMatchObject({ status: 128 });
    expect(step(repositoryWith('kill -KILL "$(ps -o ppid= -p "$PPID" | tr -d " ")"')).status).toBe(128);
  });

  it("stops, and leaves nothing running there, when the connection breaks", async () => {
    const repository = repositoryWith(
      `echo $$ >"$HOME_OF_TEST/pid"; exec sleep 66`.replace("$HOME_OF_TEST", "/PLACE"),
    );
    const place = dirname(repository);
    const settings = join(place, "tarbisect.yaml");
    writeFileSync(settings, readFileSync(settings, "utf8").replace("/PLACE", place));
    const child = spawn(launcher, ["step"], {
      cwd: repository,
      env: env(),
      stdio: ["ignore", "ignore", "pipe"],
    });
    let stderr = "";
    child.stderr.on("data", (chunk) => (stderr += String(chunk)));
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    await expect.poll(() => existsSync(join(place, "pid")) || child.exitCode, patience).toBe(true);
    spawnSync("pkill", ["-KILL", "-P", String(server.pid)]);
    expect(await ended).toBe(128);
    expect(stderr).toMatch(/nobody knows how stress on victim ended/);
    const pid = readFileSync(join(place, "pid"), "utf8").trim();
    await expect.poll(() => isRunning(pid), patience).toBe(false);
  });

  it("ends the command's whole group there when its time is over", async () => {
    const repository = repositoryWith("sh -c 'sleep 6613; true'", "2s");
    const { status, stderr } = step(repository);
    expect(stderr).toMatch(/stress did not end within 2 s/);
    expect(status).toBe(128);
    await expect.poll(() => spawnSync("pgrep", ["-x", "-f", "sleep 6613"]).status, patience).toBe(1);
  });
});
