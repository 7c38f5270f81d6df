// What tarbisect adds to git's own bisect log: comments, which `git bisect log` shows and `git bisect replay` passes
// over. So the log holds all there is to know of a bisect, and whoever reads it needs no tool of ours.
import { z } from "zod";
import type { Flakiness } from "./posterior.js";

const commit = z.string().regex(/^[0-9a-f]{40,64}$/);

const planShape = z.object({
  kind: z.literal("plan"),
  /** The ends that were given; index 0 of the line is the good one. */
  good: commit,
  bad: commit,
  /** Left out: told from how the ends behave. */
  flaky: z.enum(["none", "one-sided", "two-sided"] satisfies Flakiness[]).optional(),
  confidence: z.number().gt(0.5).lt(1),
  /** How many failures of the bad end are wanted before the search; 0: the ends are taken at the caller's word. */
  failures: z.int().min(0),
  /** Inside one release: the ends of the bisect over releases that led there. */
  within: z.object({ good: commit, bad: commit }).optional(),
});

const trialShape = z.object({
  kind: z.literal("trial"),
  commit,
  verdict: z.enum(["good", "bad", "skip"]),
  cause: z.string().optional(),
  detail: z.string().optional(),
  signature: z.string().optional(),
  /** P(what was seen | the bug is in it) to P(what was seen | it is not); left out: as the verdict says. */
  likelihoodRatio: z.number().positive().optional(),
  /** P(it passes with this work | the bug is in it). */
  missChance: z.number().min(0).max(1).optional(),
  minutes: z.number().nonnegative(),
  /** As uname -r says it. */
  kernel: z.string().optional(),
  /** The machine that it was tested on, as the settings name it. */
  target: z.string().optional(),
  /** The trial's folder. */
  evidence: z.string().optional(),
  /** It was made in the bisect that led into this one. */
  carried: z.boolean().optional(),
});

/** That a mark which follows is ours: every other mark is a person's word. */
const markShape = z.object({ kind: z.literal("mark"), as: z.enum(["good", "bad", "skip"]), commit });

/** Two commits whose modules have the same code. */
const sameCodeShape = z.object({ kind: z.literal("same-code"), commits: z.tuple([commit, commit]) });

/** Inside a release: how much likelier than the others a commit is to hold the cause, before any trial. */
const priorShape = z.object({
  kind: z.literal("prior"),
  factors: z.array(z.object({ commit, factor: z.number().gt(1).max(5) })),
  /** The functions of which it is thought, the likeliest first. */
  by: z.array(z.string()),
});

const shapes = z.discriminatedUnion("kind", [planShape, trialShape, markShape, sameCodeShape, priorShape]);

export type OwnLine = z.output<typeof shapes>;
export type BisectPlan = z.output<typeof planShape>;
export type PriorLine = z.output<typeof priorShape>;
export type TrialLine = z.output<typeof trialShape>;

const start = "# tarbisect ";

/** One line, with its end. */
export function renderOwnLine({ kind, ...rest }: OwnLine): string {
  return `${start}${kind} ${JSON.stringify(rest)}\n`;
}

/** Our lines in a log; what is no whole line of ours (cut by a power loss, or a later version's) is passed over. */
export function parseOwnLines(log: string): OwnLine[] {
  return log.split("\n").flatMap((line) => {
    const [, kind, json] = /^# tarbisect ([\w-]+) (\{.*\})$/.exec(line) ?? [];
    if (kind === undefined || json === undefined) return [];
    const parsed = shapes.safeParse({ ...readJson(json), kind });
    return parsed.success ? [parsed.data] : [];
  });
}

function readJson(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
