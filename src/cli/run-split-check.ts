// The culprit's check with the user's own test, each tree in a work tree of its own.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Fault, usageFault } from "../fault/fault.js";
import { packageRoot } from "../host/package-root.js";
import { describeEnd, runChecked, runCommand } from "../host/run-command.js";
import { writeFileAtomically } from "../host/write-file.js";
import { checkRepository, type CheckResult, type Tested } from "../split/check/check-repository.js";
import type { Trial } from "../step/run-step.js";
import type { Call } from "./call.js";
import { blameOfExit } from "./exit-code.js";
import { readSettings } from "./settings.js";

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
  const argv = testCommand(settings, call);
  const isFix = settings.findFix === true;
  const { patch, ...result } = await checkRepository({
    repository: call.cwd,
    culprit,
    branch: settings.branch,
    isFix,
    times: Number(settings.times),
    test: (commit) => testCommit(commit, argv, call),
    onTrial: ({ what, verdict }) => call.note(`${what}: ${verdict}\n`),
  });
  const path = resolve(call.cwd, settings.output ?? (isFix ? "fix.patch" : "revert.patch"));
  await writeFileAtomically(path, Buffer.from(patch, "latin1"));
  return { ...result, patch: path };
}

/** The settings file is named, since the work tree lies elsewhere. */
function testCommand({ run, config }: CheckSettings, call: Call): string[] {
  if (run !== undefined) return ["sh", "-c", run];
  const { path } = readSettings({
    cwd: call.cwd,
    env: call.env,
    flags: config === undefined ? {} : { config },
  });
  return [join(packageRoot, "bin/tarbisect.js"), "step", "--json", "--config", path];
}

async function testCommit(commit: string, argv: readonly string[], call: Call): Promise<Tested> {
  const { cwd, signal, env } = call;
  const folder = await mkdtemp(join(tmpdir(), "tarbisect-check-"));
  const place = join(folder, "tree");
  try {
    await runChecked(["git", "worktree", "add", "--quiet", "--detach", place, commit], { cwd });
    const onOutput = (chunk: Buffer): void => call.note(chunk.toString());
    const { end, stdout } = await runCommand(argv, { cwd: place, env, signal, onOutput });
    const code = end.kind === "exited" ? end.code : 128;
    const told = missChanceIn(stdout.toString());
    if (code === 0) return { verdict: "good", ...told };
    if (code === 125) return { verdict: "skip", ...told };
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

/** A step's JSON says how likely its clean run missed the bug; a test of the user's own says nothing of that. */
function missChanceIn(stdout: string): { missChance?: number } {
  try {
    const { missChance } = (JSON.parse(stdout) as Trial).verdict as { missChance?: number };
    return missChance === undefined ? {} : { missChance };
  } catch {
    return {};
  }
}
