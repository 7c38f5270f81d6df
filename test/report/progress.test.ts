// Where a bisect stands, from trials that have ended and one that runs.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { progressOf, readLoad, readStageNotes, type ProgressFacts } from "../../src/report/progress.js";
import { bisectWords, currentWords } from "../../src/report/progress-words.js";
import { renderProgress } from "../../src/report/render-progress.js";
import type { Trial } from "../../src/report/report-shape.js";
import { stepsFor } from "../../src/report/time-left.js";

const begun = Date.parse("2026-11-25T10:00:00Z");
const at = (seconds: number): string => new Date(begun + seconds * 1000).toISOString();

function ended(
  minute: number,
  verdict: "good" | "bad",
  stressSeconds: number,
): ProgressFacts["trials"][number] {
  const stages = [
    { stage: "build", elapsedMs: 20_000 },
    { stage: "load", elapsedMs: 2000 },
    { stage: "stress", elapsedMs: stressSeconds * 1000 },
    { stage: "recover", elapsedMs: 8000 },
  ];
  const durationMs = stages.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0);
  const head = {
    folder: `e/${minute}`,
    startedAt: at(minute * 60),
    version: `1.${minute}`,
    commit: "a".repeat(40),
  };
  const trial: Trial = { ...head, verdict, cause: "", detail: "", durationMs, stages };
  return { trial, notes: [], load: {}, isAlive: false };
}

function running(stage: string, sinceSeconds: number, load = {}): ProgressFacts["trials"][number] {
  const head = { folder: "e/9", startedAt: at(540), version: "1.9", commit: "b".repeat(40) };
  const trial: Trial = { ...head, verdict: "cut", cause: "", detail: "", stages: [] };
  return { trial, notes: [{ at: at(sinceSeconds), stage, pid: 1 }], load, isAlive: true };
}

const mark = (commit: string) => ({ commit, subject: `release ${commit}` });
const bisect = (candidates: number): ProgressFacts["bisect"] => ({
  source: "git bisect log",
  log: { good: [mark("v1.0")], bad: [mark("v1.9")], skipped: [], steps: [], firstBad: undefined },
  candidates,
  labelOf: (commit) => commit,
});

const facts = (more: Partial<ProgressFacts>): ProgressFacts => ({
  now: new Date(begun + 600_000),
  repository: "nic",
  bisect: undefined,
  trials: [],
  curves: [],
  marks: [],
  ...more,
});

describe("the steps that are left", () => {
  it("are git's own estimate and the one that runs", () => {
    const folder = mkdtempSync(join(tmpdir(), "tarbisect-steps-"));
    const git = (...args: string[]): string =>
      execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], {
        cwd: folder,
        encoding: "utf8",
      });
    git("init", "-q");
    for (let at = 0; at <= 40; at++) {
      git("commit", "-q", "--allow-empty", "-m", `${at}`);
      git("tag", `v${at}`);
    }
    for (let count = 1; count <= 40; count++) {
      const told = /bisect_steps=(\d+)/.exec(git("rev-list", "--bisect-vars", `v${count}`, "--not", "v0"));
      expect([count, stepsFor(count)]).toEqual([count, count === 1 ? 0 : Number(told?.[1]) + 1]);
    }
    rmSync(folder, { recursive: true });
  });
});

describe("the time that is left", () => {
  it("is what the stages took before, less what has passed, and a whole trial for each later step", () => {
    const trials = [ended(1, "good", 60), ended(3, "bad", 30), ended(5, "good", 90), running("stress", 570)];
    const { current, leftMs, bisect: told } = progressOf(facts({ trials, bisect: bisect(8) }));
    expect(told).toMatchObject({ candidates: 8, stepsLeft: 3 });
    expect(current).toMatchObject({ state: "runs", stage: "stress", stageMs: 30_000, leftMs: 30_000 + 8000 });
    expect(leftMs).toBe(38_000 + 2 * 90_000);
  });

  it("is the planned load's before any trial has ended, and less when its packets come in sooner", () => {
    const load = { durationMs: 240_000, packets: 40_000 };
    const trials = [running("stress", 580, load)];
    expect(progressOf(facts({ trials })).current?.leftMs).toBe(220_000);
    const points: [number, number][] = [
      [0, 100],
      [5, 100],
      [25, 20_100],
    ];
    const curves = [{ name: "received packets", unit: "packets", points }];
    const seen = progressOf(facts({ trials, curves, marks: [{ atSeconds: 5, text: "stress" }] }));
    expect(seen.current?.leftMs).toBe(20_000);
  });

  it("is not told when nothing tells it", () => {
    const progress = progressOf(facts({ trials: [running("build", 590)], bisect: bisect(8) }));
    expect(progress.current?.leftMs).toBeUndefined();
    expect(bisectWords(progress)).toBe(
      "bisect from v1.0 (good) to v1.9 (bad): 8 commits may be the first bad one, about 3 steps left, how long is not known yet",
    );
  });
});

describe("the newest trial", () => {
  it("whose step is gone without a verdict does not run", () => {
    const progress = progressOf(facts({ trials: [{ ...running("stress", 570), isAlive: false }] }));
    expect(progress.current?.state).toBe("cut");
    expect(currentWords(progress)).toContain("left no verdict");
    expect(progress.trials.map(({ verdict }) => verdict)).toEqual(["cut"]);
  });
});

describe("what a terminal shows", () => {
  it("has the curve, the verdicts, and nothing that steers the terminal", () => {
    const bad = ended(3, "bad", 30);
    const trials = [ended(1, "good", 60), { ...bad, trial: { ...bad.trial, detail: "BUG\u001b[2J: x" } }];
    const points = Array.from({ length: 200 }, (_, at): [number, number] => [at, at * 2 ** 20]);
    const curves = [{ name: "unaccounted memory", unit: "bytes", points }];
    const text = renderProgress(progressOf(facts({ trials, curves, bisect: bisect(2) })), 100);
    expect(text).not.toContain("\u001b");
    expect(text).toMatch(/unaccounted memory ▁+▂+▃+▄+▅+▆+▇+█+ 0 B to 199 MiB, now 199 MiB\n/);
    expect(text).toMatch(/10:03 {2}1\.3 {7} {2}aaaaaaaaaa {2}bad {4}60 s {5}BUG/);
  });
});

describe("files of a step", () => {
  it("may be cut or hold anything", () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (text, value) => {
        expect(
          readStageNotes(`${text}\n{"at":"2026-11-25T10:00:00Z","stage":"x","pid":3}\n{"at":`).at(-1)?.pid,
        ).toBe(3);
        readStageNotes(JSON.stringify(value));
        readLoad(value);
        readLoad({ settings: { stress: value } });
      }),
    );
    expect(
      readLoad({ settings: { stress: { flows: [{}], duration: "4m", exposure: { packets: 5 } } } }),
    ).toEqual({
      durationMs: 240_000,
      packets: 5,
    });
  });
});
