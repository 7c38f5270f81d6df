// What is told of a trial: a bisect that runs and a report that is sent say it in the same words.
import { z } from "zod";

/** Which trial it is. */
export const trialHead = z.object({
  folder: z.string().describe("the trial's folder of evidence"),
  startedAt: z.string(),
  version: z.string(),
  commit: z.string(),
  subject: z.string().optional().describe("of the commit, when it is no release"),
});

export const trialPlace = z.object({ kernel: z.string().optional(), place: z.string().optional() });

export const trialOutcome = z.object({
  verdict: z.enum(["good", "bad", "skip", "fault", "cut"]).describe("cut: the trial has no verdict yet"),
  detail: z.string(),
  durationMs: z.number().optional(),
});
