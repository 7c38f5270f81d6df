// A verdict as JSON, for the schemas of what holds one.
import { z } from "zod";

export const verdictShape = z.object({
  kind: z.enum(["good", "bad", "skip"]),
  cause: z.string().optional(),
  detail: z.string().optional(),
  signature: z.string().optional(),
  family: z.string().optional(),
  missChance: z
    .number()
    .optional()
    .describe(
      "of a clean run: how likely it is although the bug is there; tarbisect bisect weighs the run by it",
    ),
  likelihoodRatio: z
    .number()
    .optional()
    .describe("P(what was seen | the bug is there) / P(what was seen | it is not)"),
});
