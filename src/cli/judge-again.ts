// Kept trials under other rules, and where the bisect that they belong to would have gone elsewhere.
import { parse as parseYaml } from "yaml";
import { usageFault } from "../fault/fault.js";
import { runCommand } from "../host/run-command.js";
import { bisectEnds } from "../step/bisect-ends.js";
import { judgeKept, verdictNow, type Rejudged } from "../step/judge-kept.js";
import type { JudgeSettings } from "../step/judge-rules.js";
import { judgeShape } from "../step/judge-settings.js";
import { readKeptTrials, type KeptTrial } from "../step/kept-trials.js";
import type { Verdict } from "../step/verdict.js";
import type { Call } from "./call.js";
import { evidenceOfRepository } from "./evidence-place.js";
import { readBisect } from "./read-bisect.js";

export interface JudgedAgain {
  trials: Rejudged[];
  /** The first commit of the bisect whose verdict is another one now. */
  elsewhere: Elsewhere | undefined;
}

export interface Elsewhere {
  commit: string;
  label: string;
  was: Verdict["kind"];
  /** "fault": the bisect would have stopped there. */
  now: Verdict["kind"] | "fault";
  /** One of the two ends, on which all the rest is built. */
  isEnd: boolean;
  /** What the bisect tested after it, where it went on. */
  next: string | undefined;
  /** What it would have tested instead; undefined: it would have ended there. */
  nextNow: string | undefined;
}

/** `sets` are KEY=VALUE with keys of the settings, below judge; usage fault for any other. */
export async function judgeAgain(
  { sets, evidence }: { sets: readonly string[]; evidence: string | undefined },
  call: Call,
): Promise<JudgedAgain> {
  const changes = sets.map(parseSet);
  const folder = await evidenceOfRepository(evidence, call);
  const kept = await readKeptTrials(folder);
  if (kept.length === 0) throw usageFault(`no trial is kept in ${folder}`, "--evidence names another folder");
  const trials = await judgeKept(kept, {
    repository: call.cwd,
    ends: await bisectEnds(call.cwd),
    rulesOf: (trial) => rulesOf(trial, changes),
  });
  return { trials, elsewhere: await findElsewhere(trials, call.cwd) };
}

interface Change {
  path: readonly string[];
  value: unknown;
  text: string;
}

function parseSet(text: string): Change {
  const [, key, value] = /^([\w.]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined)
    throw usageFault(`--set "${text}" is no KEY=VALUE`, "--set judge.failure=any");
  const [room, ...path] = key.split(".");
  if (room !== "judge" || path.length === 0)
    throw usageFault(
      `--set "${text}": what was tested can't be changed any more`,
      "only keys below judge can be set",
    );
  return { path, value: parseYaml(value), text };
}

function rulesOf(trial: KeptTrial, changes: readonly Change[]): JudgeSettings {
  const before = judgeShape.safeParse(trial.settings.judge).data ?? judgeShape.parse({});
  const changed = changes.reduce<Record<string, unknown>>(
    (settings, { path, value }) => withValue(settings, path, value),
    before,
  );
  const checked = judgeShape.safeParse(changed);
  if (checked.success) return checked.data;
  const told = checked.error.issues.map(({ path, message }) => `${["judge", ...path].join(".")}: ${message}`);
  throw usageFault(
    `--set ${changes.map(({ text }) => `"${text}"`).join(" ")}: ${told.join("; ")}`,
    "schema/tarbisect.schema.json lists the keys",
  );
}

function withValue(
  settings: Record<string, unknown>,
  [key = "", ...rest]: readonly string[],
  value: unknown,
): Record<string, unknown> {
  if (rest.length === 0) return { ...settings, [key]: value };
  const inner = settings[key];
  const fields = typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>) : {};
  return { ...settings, [key]: withValue(fields, rest, value) };
}

/** Follows git's log: at the first commit whose verdict is another one now, git's own choice for the marks until then. */
async function findElsewhere(trials: readonly Rejudged[], cwd: string): Promise<Elsewhere | undefined> {
  const bisect = await readBisect(cwd);
  if (bisect === undefined) return undefined;
  const { labelOf, log } = bisect;
  const marks: { bad: string[]; good: string[]; skip: string[] } = { bad: [], good: [], skip: [] };
  const steps = log.steps;
  for (const [index, { commit, kind }] of steps.entries()) {
    const judged = trials.findLast(({ trial }) => trial.commit === commit);
    const now = judged?.changed === true ? (verdictNow(judged)?.kind ?? "fault") : kind;
    if (now === kind) {
      marks[kind].push(commit);
      continue;
    }
    const next = steps[index + 1]?.commit;
    if (now !== "fault") marks[now].push(commit);
    const instead = now === "fault" ? undefined : await nextOf(marks, cwd);
    return {
      commit,
      label: labelOf(commit),
      was: kind,
      now,
      isEnd: commit === log.bad[0]?.commit || commit === log.good[0]?.commit,
      next: next && labelOf(next),
      nextNow: instead && labelOf(instead),
    };
  }
  return undefined;
}

/** git's midpoint, without what was skipped. */
async function nextOf(
  { bad, good, skip }: { bad: string[]; good: string[]; skip: string[] },
  cwd: string,
): Promise<string | undefined> {
  const last = bad.at(-1);
  if (last === undefined || good.length === 0) return undefined;
  const { stdout } = await runCommand(["git", "rev-list", "--bisect-all", last, "--not", ...good], { cwd });
  const left = stdout
    .toString()
    .split("\n")
    .flatMap((line) => /^[0-9a-f]{40,64}/.exec(line)?.[0] ?? [])
    .filter((commit) => commit !== last && !skip.includes(commit));
  return left[0];
}
