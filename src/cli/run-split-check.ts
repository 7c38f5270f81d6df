// The culprit's check: each tree that it asks about is tested as a step tests a commit, or by the user's own command.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expectNoPauseAt } from "../bisect/pause.js";
import { Fault, usageFault } from "../fault/fault.js";
import { describeEnd, runChecked, runCommand } from "../host/run-command.js";
import { writeFileAtomically } from "../host/write-file.js";
import { checkRepository, type CheckResult, type Tested } from "../split/check/check-repository.js";
import type { Call } from "./call.js";
import { blameOfExit } from "./exit-code.js";
import { readSettings } from "./settings.js";
import type { Settings } from "./settings-shape.js";
import { trialText } from "./step-text.js";
import { testCommit } from "./test-commit.js";

export interface CheckSettings {
  branch?: string;
  times: string;
  config?: string;
  run?: string;
  findFix?: boolean;
  /** Left out: revert.patch, of a fix fix.patch. */
  output?: string;
}

export interface CheckReport extends Omit<CheckResult, "patch"> {
  /** Where the patch was written. */
  patch: string;
}

export async function runSplitCheck(
  culprit: string | undefined,
  settings: CheckSettings,
  call: Call,
): Promise<CheckReport> {
  if (!/^[1-9]\d?$/.test(settings.times))
    throw usageFault(`"${settings.times}" is no number of trials`, "--times takes 1 to 99");
  const test = testOf(settings, call);
  const isFix = settings.findFix === true;
  const { patch, ...result } = await checkRepository({
    repository: call.cwd,
    culprit,
    branch: settings.branch,
    isFix,
    times: Number(settings.times),
    test,
    onTrial: ({ what, verdict }) => call.note(`${what}: ${verdict}\n`),
  });
  const path = resolve(call.cwd, settings.output ?? (isFix ? "fix.patch" : "revert.patch"));
  await writeFileAtomically(path, Buffer.from(patch, "latin1"));
  return { ...result, patch: path };
}

/** As tarbisect step does it, or by the user's own command. */
function testOf({ run, config }: CheckSettings, call: Call): (commit: string) => Promise<Tested> {
  if (run !== undefined) return (commit) => runOn(commit, run, call);
  const { path, settings } = readSettings({ cwd: call.cwd, env: call.env, flags: { config } });
  call.note(`settings: ${path}\n`);
  return (commit) => stepAgain(commit, settings, call);
}

/** How often a fault of the harness is met by another try. */
const mostRetries = 2;
const restMs = 30_000;

async function stepAgain(commit: string, settings: Settings, call: Call): Promise<Tested> {
  for (let tries = 0; ; tries++) {
    try {
      return await stepOn(commit, settings, call);
    } catch (error) {
      if (!(error instanceof Fault) || error.blame !== "harness" || tries === mostRetries) throw error;
      call.note(`no verdict: ${error.message}\nthe next try is in ${restMs / 1000} s\n`);
      await sleep(restMs, undefined, { signal: call.signal });
    }
  }
}

/** A trial in this repository, so that what the bisect knows of its ends judges it too. */
async function stepOn(commit: string, settings: Settings, call: Call): Promise<Tested> {
  await expectNoPauseAt(call.cwd);
  const trial = await testCommit(settings, call, { commit });
  call.note(trialText(trial));
  const { verdict } = trial;
  const missChance = verdict.kind === "bad" ? undefined : verdict.missChance;
  return { verdict: verdict.kind, ...(missChance !== undefined && { missChance }) };
}

async function runOn(commit: string, command: string, call: Call): Promise<Tested> {
  const { cwd, signal, env } = call;
  const folder = await mkdtemp(join(tmpdir(), "tarbisect-check-"));
  const place = join(folder, "tree");
  try {
    await runChecked(["git", "worktree", "add", "--quiet", "--detach", place, commit], { cwd });
    const onOutput = (chunk: Buffer): void => call.note(chunk.toString());
    const { end } = await runCommand(["sh", "-c", command], { cwd: place, env, signal, onOutput });
    const code = end.kind === "exited" ? end.code : 128;
    if (code === 0) return { verdict: "good" };
    if (code === 125) return { verdict: "skip" };
    if (code < 125) return { verdict: "bad" };
    const blame = blameOfExit(code) ?? "harness";
    const hint = blame === "paused" ? "tarbisect resume, then the same command" : undefined;
    throw new Fault(
      blame,
      `the test of ${commit.slice(0, 10)} ended with ${describeEnd(end)}, which is no verdict`,
      hint === undefined ? {} : { hint },
    );
  } finally {
    await runCommand(["git", "worktree", "remove", "--force", place], { cwd });
    await rm(folder, { recursive: true, force: true });
  }
}
