// A bisect is begun, taken over from a person, or gone on with: the same call does whichever is due.
import { usageFault } from "../fault/fault.js";
import type { BisectState, GitBisect } from "./git-state.js";
import { renderOwnLine, type BisectPlan, type OwnLine } from "./own-lines.js";
import { readLine } from "./read-line.js";
import { planOf } from "./view.js";

/** What the caller asks for; what is left out stays as it was. */
export interface PlanRequest extends Partial<Pick<BisectPlan, "flaky" | "confidence" | "failures">> {
  /** Commit ids. */
  good?: string | undefined;
  bad?: string | undefined;
  /** The bad end is the older one, and what mended it is looked for. */
  findFix: boolean;
}

const defaults = { confidence: 0.95, failures: 3 };

/** Makes git's state the one that was asked for. */
export async function ensureBisect(git: GitBisect, request: PlanRequest): Promise<void> {
  const state = await git.read();
  if (state === undefined) return begin(git, request);
  const plan = planOf(state.own);
  if (plan === undefined) return takeOver(git, state, request);
  expectSameEnds(plan, request);
  const { flaky, confidence, failures } = request;
  const next = { ...plan, ...defined({ flaky, confidence, failures }) };
  if (JSON.stringify(next) !== JSON.stringify(plan)) await git.add(next);
}

async function begin(git: GitBisect, request: PlanRequest): Promise<void> {
  const { good, bad } = request;
  if (good === undefined || bad === undefined)
    throw usageFault("no bisect is under way here", "tarbisect bisect --good VERSION --bad VERSION");
  await git.replace(await startText(git, newPlan({ good, bad }, request), request.findFix));
}

/** A log that begins a bisect: git's own command, our plan, and whose marks the ends are. */
export async function startText(
  git: GitBisect,
  plan: BisectPlan,
  findFix: boolean,
  more: readonly OwnLine[] = [],
): Promise<string> {
  const { good, bad } = plan;
  const { isReversed } = await readLine(git.repository, good, bad);
  if (isReversed !== findFix)
    throw usageFault(
      isReversed
        ? "the bad release is older than the good one"
        : "the bad release is newer than the good one",
      isReversed ? "--find-fix looks for the release that mended it" : "leave --find-fix out",
    );
  const terms = findFix ? "'--term-new=fixed' '--term-old=broken' " : "";
  const [recent, old] = findFix ? [good, bad] : [bad, good];
  const own: OwnLine[] = [plan, mark("good", good), mark("bad", bad), ...more];
  return `git bisect start ${terms}'--first-parent' '${recent}' '${old}'\n${own.map(renderOwnLine).join("")}`;
}

/** A bisect that a person began: its ends are what git knows, and are tested like any others. */
async function takeOver(git: GitBisect, state: BisectState, request: PlanRequest): Promise<void> {
  const [old, recent] = [state.log?.good.at(-1)?.commit, state.log?.bad.at(-1)?.commit];
  if (old === undefined || recent === undefined)
    throw usageFault(
      "the bisect under way has not both ends yet",
      "git bisect good VERSION, git bisect bad VERSION",
    );
  const ends = request.findFix ? { good: recent, bad: old } : { good: old, bad: recent };
  const plan = newPlan(ends, request);
  expectSameEnds(plan, request);
  await git.add(plan, mark("good", plan.good), mark("bad", plan.bad));
}

function newPlan(
  { good, bad }: { good: string; bad: string },
  { flaky, confidence, failures }: PlanRequest,
): BisectPlan {
  return { kind: "plan", good, bad, ...defaults, ...defined({ flaky, confidence, failures }) };
}

function expectSameEnds(plan: BisectPlan, { good, bad }: PlanRequest): void {
  const ends = plan.within ?? plan;
  for (const [asked, is, word] of [
    [good, ends.good, "good"],
    [bad, ends.bad, "bad"],
  ] as const)
    if (asked !== undefined && asked !== is)
      throw usageFault(
        `another bisect is under way: its ${word} end is ${is.slice(0, 10)}, not ${asked.slice(0, 10)}`,
        "git bisect reset ends it; without --good and --bad it goes on",
      );
}

function mark(as: "good" | "bad", commit: string): OwnLine {
  return { kind: "mark", as, commit };
}

function defined<T extends object>(values: T): Partial<{ [K in keyof T]: NonNullable<T[K]> }> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
