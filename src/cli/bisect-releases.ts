// `tarbisect bisect` with the user's own settings: arguments to a request, a view to a result.
import { setTimeout as sleep } from "node:timers/promises";
import { GitBisect } from "../bisect/git-state.js";
import { pairOf } from "../bisect/inside.js";
import { runBisect, type BisectRequest } from "../bisect/run-bisect.js";
import type { PlanRequest } from "../bisect/start-bisect.js";
import { takeBack } from "../bisect/take-back.js";
import { readView, type View } from "../bisect/view.js";
import { usageFault } from "../fault/fault.js";
import { bisectJson, type BisectJson } from "./bisect-schema.js";
import {
  aheadText,
  beginsText,
  endedText,
  failedText,
  inheritsText,
  knownText,
  waitsText,
} from "./bisect-text.js";
import type { Call } from "./call.js";
import { exitCode } from "./exit-code.js";
import { renderCheck } from "./render-check.js";
import type { CheckReport } from "./run-split-check.js";
import { onTarget, targetsOf } from "./one-target.js";
import { commitOf } from "./read-bisect.js";
import { readSettings } from "./settings.js";
import type { Settings } from "./settings-shape.js";
import { testCommit } from "./test-commit.js";

export interface BisectFlags {
  good?: string;
  bad?: string;
  flaky?: "none" | "one-sided" | "two-sided";
  confidence?: string;
  failures?: string;
  findFix?: true;
  inside: boolean;
  retries: string;
  config?: string;
}

interface Told {
  text: string;
  json: BisectJson;
  code: number;
}

/** Runs until there is an answer; with `inside` also between the changes of the release that was found. */
export async function bisectReleases(flags: BisectFlags, call: Call): Promise<Told> {
  const settingsOf = (): ReturnType<typeof readSettings> =>
    readSettings({ cwd: call.cwd, env: call.env, flags: { config: flags.config } });
  const { path, settings } = settingsOf();
  call.note(`settings: ${path}\n`);
  const targets = targetsOf(settings);
  const request: BisectRequest = {
    ...(await planRequest(flags, call)),
    cwd: call.cwd,
    targets,
    // Read anew for each trial: who pauses a bisect to mend the settings expects them to hold.
    test: (commit, { target, signal }) =>
      testCommit(settingsOf().settings, callFor(target, { call, signal, isAlone: targets.length === 1 }), {
        commit,
        target,
      }),
    ahead: await aheadOf(onTarget(settings, targets[0]), call),
    retries: retriesOf(flags.retries),
    wait: (ms, signal) => sleep(ms, undefined, { signal: AbortSignal.any([call.signal, signal]) }),
    events: notes(call, targets.length === 1),
    nowMs: () => performance.now(),
    random: () => Math.random(),
  };
  const view = await runBisect(request);
  if (!flags.inside) return toldOf(view);
  const { goInside, checkFound } = await import("./bisect-inside.js");
  if (pairOf(view) !== undefined) call.note(`\n${knownText(view)}`);
  const inner = (await goInside(view, settings, call)) ? await runBisect(request) : view;
  return toldOf(inner, await checkFound(inner, flags.config, call));
}

/** The call of a trial, which may be called off; of several at once each line says whose it is. */
function callFor(
  target: string,
  { call, signal, isAlone }: { call: Call; signal: AbortSignal; isAlone: boolean },
): Call {
  const note = (text: string): void => call.note(text.replace(/^(?=.)/gm, `${target}: `));
  return { ...call, signal: AbortSignal.any([call.signal, signal]), ...(!isAlone && { note }) };
}

function notes(call: Call, isAlone: boolean): BisectRequest["events"] {
  return {
    goesOn: (known, rest) => call.note(aheadText(known, rest)),
    tests: (known, index, target) => call.note(beginsText(known, index, isAlone ? undefined : target)),
    waits: (known, index) => call.note(waitsText(known, index)),
    inherits: (known, commits) => call.note(inheritsText(known, commits)),
    failed: (ended) => call.note(failedText(ended, isAlone)),
    told: (trial, known, rest) => call.note(endedText(trial, known, rest)),
  };
}

function toldOf(view: View, check?: CheckReport): Told {
  const text = knownText(view) + (check === undefined ? "" : renderCheck(check));
  return {
    text,
    json: bisectJson(view, check),
    code: view.situation.next.kind === "found" ? exitCode.good : exitCode.skip,
  };
}

/** Modules are built before their trials where this machine builds them by the catalog's recipe. */
async function aheadOf(settings: Settings, call: Call): Promise<BisectRequest["ahead"]> {
  const { target, build } = settings;
  if (target === undefined || build.on !== "here" || build.run !== undefined) return () => undefined;
  const [{ planTargetStep }, { BuildAhead }] = await Promise.all([
    import("./plan-target-step.js"),
    import("../step/build-ahead.js"),
  ]);
  const plan = await planTargetStep(settings, call);
  const { target: host } = await plan.openHosts();
  const { cwd, signal } = call;
  return (kernel) => new BuildAhead({ cwd, build: plan.build, host, signal }, kernel);
}

export async function bisectStatus(call: Call): Promise<Pick<Told, "text" | "json">> {
  const view = await readView(await GitBisect.open(call.cwd));
  if (view === undefined)
    throw usageFault("no bisect is under way here", "tarbisect bisect --good VERSION --bad VERSION");
  return { text: knownText(view), json: bisectJson(view) };
}

/** Takes the last trial back and says what is known without it. */
export async function takeLastBack(call: Call): Promise<string> {
  const { taken, view } = await takeBack(await GitBisect.open(call.cwd));
  const index = view.line.commits.findIndex(({ commit }) => commit === taken.commit);
  return `taken back: ${view.line.commits[index]?.label ?? taken.commit} was ${taken.verdict}\n${knownText(view)}`;
}

async function planRequest(flags: BisectFlags, call: Call): Promise<PlanRequest> {
  return {
    good: await endOf(flags.good, call),
    bad: await endOf(flags.bad, call),
    flaky: flags.flaky,
    confidence: flags.confidence === undefined ? undefined : confidenceOf(flags.confidence),
    failures: flags.failures === undefined ? undefined : failuresOf(flags.failures),
    findFix: flags.findFix === true,
  };
}

async function endOf(name: string | undefined, call: Call): Promise<string | undefined> {
  if (name === undefined) return undefined;
  const commit = await commitOf(call.cwd, name);
  if (commit === undefined) throw usageFault(`"${name}" is no release of this repository`, "git tag --list");
  return commit;
}

function confidenceOf(text: string): number {
  const percent = /^\d{2}(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (percent <= 50)
    throw usageFault(`"${text}" is no confidence`, "--confidence takes 51 to 99.99, in percent");
  return percent / 100;
}

function retriesOf(text: string): number {
  if (!/^\d$/.test(text)) throw usageFault(`"${text}" is no number of tries`, "--retries takes 0 to 9");
  return Number(text);
}

function failuresOf(text: string): number {
  if (!/^\d$|^1[0-2]$/.test(text))
    throw usageFault(`"${text}" is no number of failures`, "--failures takes 0 to 12");
  return Number(text);
}
