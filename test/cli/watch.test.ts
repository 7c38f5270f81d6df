// A real step that runs, looked at from outside.
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Ajv } from "ajv";
import { afterEach, describe, expect, it } from "vitest";
import { progressJsonSchema, type Progress } from "../../src/report/progress-shape.js";
import { eightReleases, startBisect } from "../launcher/bisected-repository.js";
import { launcher } from "../launcher/stub-package.js";

const children: ChildProcess[] = [];
const folders: string[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A bisect of which one step runs until the file `go` is there. */
function startStep(more = ""): { repository: string; step: ChildProcess; go: () => void } {
  const repository = startBisect(eightReleases);
  folders.push(dirname(repository));
  const go = join(dirname(repository), "go");
  const stress = `until [ -e ${go} ]; do sleep 0.1; done; echo "error: it broke"; exit 1`;
  const settings = `build: { run: "true" }\nstress: { run: ${JSON.stringify(stress)} }\n${more}`;
  writeFileSync(join(dirname(repository), "tarbisect.yaml"), settings);
  const step = spawn(launcher, ["step"], { cwd: repository, stdio: "ignore" });
  children.push(step);
  return { repository, step, go: () => writeFileSync(go, "") };
}

function look(repository: string): Progress {
  const text = execFileSync(launcher, ["watch", "--json"], { cwd: repository, encoding: "utf8" });
  return JSON.parse(text) as Progress;
}

async function until(repository: string, holds: (progress: Progress) => boolean): Promise<Progress> {
  for (;;) {
    const progress = look(repository);
    if (holds(progress)) return progress;
    await sleep(100);
  }
}

describe("tarbisect watch", () => {
  it("tells the stage of a step that runs, then its verdict; killing it harms nothing", async () => {
    const { repository, step, go } = startStep();
    const running = await until(repository, ({ current }) => current?.stage === "stress");
    expect(running.current).toMatchObject({ version: "1.3", state: "runs" });
    expect(running.bisect).toMatchObject({ good: ["v1.0"], bad: ["v1.7"], candidates: 7, stepsLeft: 3 });
    const published = readFileSync(new URL("../../schema/watch.schema.json", import.meta.url), "utf8");
    expect(JSON.parse(published)).toEqual(progressJsonSchema());
    const check = new Ajv({ strict: true }).compile(progressJsonSchema());
    check(running);
    expect(check.errors ?? []).toEqual([]);

    const watcher = spawn(launcher, ["watch"], { cwd: repository, stdio: ["ignore", "pipe", "ignore"] });
    children.push(watcher);
    const [first] = (await once(watcher.stdout, "data")) as [Buffer];
    expect(first.toString()).toContain("on this machine: stress for ");
    watcher.kill("SIGKILL");
    await once(watcher, "close");

    go();
    await once(step, "close");
    expect(step.exitCode).toBe(1);
    const done = look(repository);
    expect(done.current?.state).toBe("ended");
    expect(done.trials).toMatchObject([{ verdict: "bad", detail: "error: it broke (stress ended with 1)" }]);
    expect(execFileSync("git", ["status", "--porcelain"], { cwd: repository, encoding: "utf8" })).toBe("");
  });

  it("looks where the settings keep the evidence", async () => {
    const { repository, step, go } = startStep("evidence: kept/here\n");
    const { current } = await until(repository, (progress) => progress.current?.stage === "stress");
    expect(current?.folder).toMatch(/^\.\.\/kept\/here\/2/);
    go();
    await once(step, "close");
    const text = execFileSync(launcher, ["judge", "--json"], { cwd: repository, encoding: "utf8" });
    expect((JSON.parse(text) as { trials: unknown[] }).trials).toHaveLength(1);
  });

  it("tells a step that was killed from one that runs", async () => {
    const { repository, step } = startStep();
    await until(repository, ({ current }) => current?.stage === "stress");
    step.kill("SIGKILL");
    await once(step, "close");
    expect(look(repository).current?.state).toBe("cut");
  });

  it("ends with 130 on Ctrl-C, and with 129 outside of a repository or for no port", async () => {
    const { repository } = startStep();
    const watcher = spawn(launcher, ["watch"], { cwd: repository, stdio: ["ignore", "pipe", "ignore"] });
    children.push(watcher);
    await once(watcher.stdout, "data");
    watcher.kill("SIGINT");
    expect(await once(watcher, "close")).toEqual([130, null]);
    for (const [cwd, ...args] of [[dirname(repository)], [repository, "--http", "70000"]] as string[][]) {
      const refused = spawn(launcher, ["watch", ...args], { cwd, stdio: "ignore" });
      expect(await once(refused, "close")).toEqual([129, null]);
    }
  });
});
