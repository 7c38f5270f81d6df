// The one description of where a bisect stands: the types and the published JSON schema come from it.
import { z } from "zod";
import { trialHead, trialOutcome, trialPlace } from "./trial-shape.js";

const curve = z.object({
  name: z.string(),
  unit: z.string(),
  points: z.array(z.tuple([z.number(), z.number()])).describe("seconds since the first sample, value"),
});

export const progressShape = z.object({
  schemaVersion: z.literal(1),
  writtenAt: z.string(),
  repository: z.string().describe("the name of its folder"),
  bisect: z
    .object({
      good: z.array(z.string()).describe("labels of the commits marked good"),
      bad: z.array(z.string()),
      skipped: z.int(),
      candidates: z.int().describe("commits that may still be the first bad one"),
      stepsLeft: z.int().describe("as git estimates them, the step that runs among them"),
      firstBad: z.object({ label: z.string(), subject: z.string() }).optional(),
    })
    .optional(),
  leftMs: z.number().optional().describe("of the whole bisect, by the trials so far"),
  current: trialHead
    .extend({
      ...trialPlace.shape,
      state: z.enum(["runs", "ended", "cut"]).describe("cut: its step is gone and left no verdict"),
      stage: z.string().optional().describe("that began last"),
      stageMs: z.number().optional().describe("since it began"),
      elapsedMs: z.number(),
      planned: z.string().optional().describe("the load that the settings ask for"),
      leftMs: z.number().optional(),
    })
    .optional()
    .describe("the newest trial"),
  trials: z.array(trialHead.extend(trialOutcome.shape)).describe("those that have ended, oldest first"),
  curves: z.array(curve).describe("of the newest trial"),
  marks: z.array(z.object({ atSeconds: z.number(), text: z.string() })),
});

export type Progress = z.output<typeof progressShape>;
export type Curve = z.output<typeof curve>;

/** The JSON schema of `tarbisect watch --json`, published as schema/watch.schema.json. */
export function progressJsonSchema(): object {
  return { ...z.toJSONSchema(progressShape, { target: "draft-7" }), title: "tarbisect watch" };
}
