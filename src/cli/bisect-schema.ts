// The JSON that `bisect --json` and `bisect status --json` print, as published in schema/.
import { z } from "zod";
import type { View } from "../bisect/view.js";
import { published } from "./evidence-schema.js";
import type { CheckReport } from "./run-split-check.js";
import { verdictShape } from "./verdict-schema.js";

const probability = z.number().min(0).max(1);
const count = z.int().min(0);
const label = z.object({
  commit: z.string(),
  name: z.string().describe("the release's tag, or the subject of a commit inside one"),
});
const end = z.object({ failures: count, passes: count });
const changes = z.array(z.object({ commit: z.string(), subject: z.string() }));

const { cause, detail, signature, likelihoodRatio, missChance } = verdictShape.shape;
const trial = label.extend({
  verdict: z.enum(["good", "bad", "skip"]),
  ...{ cause, detail, signature, likelihoodRatio, missChance },
  minutes: z.number().min(0),
  kernel: z.string().optional(),
  target: z.string().optional().describe("where it was tested; left out by older versions"),
  evidence: z.string().optional().describe("the trial's folder"),
  carried: z.boolean().optional().describe("true: made in the bisect that led into this one"),
});

const shape = z.object({
  schemaVersion: z.literal(1),
  state: z
    .enum(["test", "found", "narrowed", "stuck"])
    .describe("test: not at its end; narrowed: one of several; stuck: `problem` says why"),
  found: label.optional().describe("the first bad one; with --find-fix the first good one again"),
  probability: probability.optional().describe("that it is the one"),
  next: label.optional(),
  problem: z.string().optional(),
  flakiness: z.enum(["none", "one-sided", "two-sided"]),
  confidence: probability.describe("when the search ends"),
  ends: z.object({ good: end, bad: end }),
  candidates: z
    .array(label.extend({ probability }))
    .describe("where the change may be; [] before the search"),
  untestable: z.array(label),
  trials: z.array(trial),
  check: z
    .object({
      branch: z.string(),
      isFix: z.boolean().describe("the older release is the bad one, and the causes mend it"),
      causes: changes,
      leftOut: changes,
      partners: changes,
      brought: changes,
      isAlone: z.boolean().describe("whether the culprit alone turns the older release"),
      trials: z.array(z.object({ what: z.string(), commit: z.string(), verdict: z.string() })),
      patch: z.string().describe("where the patch is that makes the bad release good"),
    })
    .optional()
    .describe("as split check tells it, once a change inside a release was found"),
});

export type BisectJson = z.output<typeof shape>;

export function bisectJson({ line, situation, trials, plan }: View, check?: CheckReport): BisectJson {
  const { next, probabilities, flakiness, ends, untestable } = situation;
  const labelOf = (index: number): z.output<typeof label> => {
    const { commit, label: name } = line.commits[index]!;
    return { commit, name };
  };
  const found = next.kind === "found" ? (line.isReversed ? next.index - 1 : next.index) : undefined;
  return shape.parse({
    schemaVersion: 1,
    state: next.kind,
    ...(found !== undefined && { found: labelOf(found) }),
    ...(next.kind === "found" && { probability: Math.min(1, next.probability) }),
    ...(next.kind === "test" && { next: labelOf(next.index) }),
    ...(next.kind === "stuck" && { problem: next.problem }),
    flakiness,
    confidence: plan.confidence,
    ends,
    candidates: probabilities.flatMap((chance, index) =>
      chance > 0 ? [{ ...labelOf(index), probability: Math.min(1, chance) }] : [],
    ),
    untestable: [...untestable].map(labelOf),
    trials: trials.map(({ index, ...told }) => ({ ...told, ...labelOf(index) })),
    check,
  });
}

export function bisectJsonSchema(): object {
  return published(shape, "tarbisect bisect --json");
}
