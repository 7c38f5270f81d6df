// `tarbisect judge` as a user types it, on the folders that trials leave and on git's own bisect.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { judgeJsonSchema } from "../../src/cli/judge-schema.js";
import { writeFacts } from "../../src/step/kept-facts.js";
import type { TrialFacts } from "../../src/step/trial-facts.js";
import { launcher } from "../launcher/stub-package.js";
import { fixtureRepository } from "../step/fixture-driver.js";

const fixture = fixtureRepository(["1.0", "1.1", "1.2", "1.3", "1.4"].map((version) => ({ version })));
afterAll(() => rmSync(fixture.folder, { recursive: true }));

const git = (...words: string[]): string =>
  execFileSync("git", words, { cwd: fixture.repository, encoding: "utf8" }).trim();
const fault =
  "[   40.1] BUG: unable to handle page fault for address: ffffc90000e00000\n[   40.1] RIP: 0010:tbfix_clean_rx+0x13/0x20 [tbfix]\n[   40.1] Call Trace:\n[   40.1]  tbfix_poll+0x10/0x20 [tbfix]\n[   40.1] ---[ end trace 0000000000000000 ]---\n";
const damage = "[   41.0] BUG: Bad rss-counter state mm:00000000 type:MM_FILEPAGES val:4\n";

/** The folder that a step on a target leaves; `log` is what the console said. */
async function keep(number: number, version: string, verdict: object, log = ""): Promise<void> {
  const commit = git("rev-parse", `v${version}^{commit}`);
  const time = `2026-11-28T10:00:0${number}.000Z`;
  const name = `2026-11-28T10-00-0${number}Z-v${version}-${commit.slice(0, 10)}`;
  const folder = join(fixture.repository, ".tarbisect/evidence", name);
  mkdirSync(folder, { recursive: true });
  const head = { version, commit, kernel: "6.1", place: "server", time };
  writeFileSync(join(folder, "settings.json"), JSON.stringify({ ...head, settings: {} }));
  writeFileSync(join(folder, "serial.log"), log);
  const facts: TrialFacts = {
    stage: "stress",
    stress: log === "" ? { kind: "clean" } : { kind: "stopped" },
    alarm: undefined,
    dead: log !== "",
    rebooted: log !== "",
    record: { samples: [], kernelLog: "", console: log, reconnects: 0, nicResets: [] },
    lastBoot: "",
    module: { name: "tbfix", symbols: undefined },
  };
  await writeFacts(folder, facts);
  writeFileSync(join(folder, "verdict.json"), JSON.stringify({ ...head, verdict }));
}

function judge(...args: string[]) {
  const { stdout, stderr, status } = spawnSync(launcher, ["judge", ...args], {
    cwd: fixture.repository,
    encoding: "utf8",
  });
  return { said: stdout + stderr, status };
}

describe("tarbisect judge", { timeout: 60_000 }, () => {
  beforeAll(async () => {
    git("bisect", "start", "v1.4", "v1.0");
    git("bisect", "skip", "v1.2");
    git("bisect", "good", "v1.1");
    const bad = { kind: "bad", cause: "crash", detail: "a crash" };
    await keep(
      1,
      "1.4",
      { ...bad, signature: "page-fault | tbfix_clean_rx | tbfix:tbfix_clean_rx | tbfix:tbfix_poll" },
      fault,
    );
    await keep(2, "1.0", { kind: "good" });
    await keep(
      3,
      "1.2",
      { kind: "skip", cause: "other-failure", detail: "it failed in another way" },
      damage,
    );
    await keep(4, "1.1", { kind: "good" });
  });

  it("finds every verdict again when nothing is set", () => {
    const { said, status } = judge();
    expect(said).toMatch(/-v1\.4-\S+ +bad +bad +199 to 1 for the bug; BUG: unable to handle/);
    expect(said).toMatch(/-v1\.2-\S+ +skip +skip +it failed in another way: BUG: Bad rss-counter state\n/);
    expect(said).toContain("0 of 4 verdicts are another\nthe bisect would have gone the same way\n");
    expect(status).toBe(0);
  });

  it("says where the bisect would have gone elsewhere under another rule", () => {
    const { said, status } = judge("--set", "judge.failure=any");
    expect(said).toMatch(/-v1\.2-\S+ +skip +bad +9\.0 to 1 for the bug; /);
    expect(said).toContain(
      "1 of 4 verdicts is another\nv1.2 was skip and is bad now: the bisect went on with v1.1, and would have gone on with v1.1\n",
    );
    expect(status).toBe(0);
    const json = JSON.parse(judge("--set", "judge.failure=any", "--json").said) as object;
    expect(json).toMatchObject({ elsewhere: { label: "v1.2", was: "skip", now: "bad" } });
    const published = new URL("../../schema/judge.schema.json", import.meta.url);
    expect(JSON.parse(readFileSync(published, "utf8"))).toEqual(judgeJsonSchema());
    const check = new Ajv({ strict: true }).compile(judgeJsonSchema());
    check(json);
    expect(check.errors).toBeNull();
  });

  it("says that an end is another one, since the whole bisect rests on it", () => {
    expect(judge("--set", "judge.failure=[another]").said).toContain(
      "v1.4 was bad and is skip now: it is an end of the bisect, which rests on it\n",
    );
  });

  it.each([
    [["--set", "judge.failur=any"], /judge: Unrecognized key: "failur"/],
    [
      ["--set", "stress.duration=1m"],
      /--set "stress.duration=1m": what was tested can't be changed any more/,
    ],
    [["--set", "judge"], /--set "judge" is no KEY=VALUE/],
    [["--evidence", "nowhere"], /no trial is kept in .*nowhere/],
  ])("refuses %j", (args, says) => {
    const { said, status } = judge(...args);
    expect(said).toMatch(says);
    expect(status).toBe(129);
  });
});
