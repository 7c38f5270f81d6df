// The one description of what `suspects --json` prints: its type and the published JSON schema come from it.
import { z } from "zod";

const rate = z.object({
  cases: z.int(),
  topFive: z.int().describe("cases whose true function was among the first five"),
});

const suspectsShape = z
  .object({
    schemaVersion: z.literal(1),
    old: z.string().describe("the good release, as it was named"),
    new: z.string().describe("the bad release"),
    fixed: z.string().optional().describe("the first release that is good again"),
    sighted: z.int().describe("functions of the driver that the traces name; 0: they say nothing about it"),
    changedAgain: z.int().optional().describe("suspects that the fixed release changes again"),
    suspects: z.array(
      z.object({
        rank: z.int().min(1),
        name: z.string(),
        file: z.string(),
        score: z.number().describe("the sum of the reasons' points; one more is twice as likely"),
        reasons: z.array(z.object({ signal: z.string(), points: z.number(), text: z.string() })),
        path: z.array(z.string()).describe("calls from a function of the trace to this one"),
        lines: z.string().describe("the lines that only one release has, with - and +"),
      }),
    ),
    dependents: z
      .array(
        z.object({
          name: z.string(),
          file: z.string(),
          contracts: z.array(z.string()),
          path: z.array(z.string()),
          fixed: z.boolean().optional().describe("whether the fixed release changes it"),
        }),
      )
      .describe("functions that did not change, but use something that did"),
    baseRate: z
      .array(
        z.object({
          about: z.string(),
          read: z.boolean().describe("whether misses of these were read while the weights were chosen"),
          traces: z.boolean().describe("whether each one's trace was given"),
          withoutFixed: rate,
          withFixed: rate.describe("of those that have a release with the fix"),
        }),
      )
      .describe("how often the true function was among the first five of such lists"),
  })
  .meta({ title: "tarbisect suspects --json" });

export type SuspectsJson = z.infer<typeof suspectsShape>;

export function suspectsJsonSchema(): object {
  return z.toJSONSchema(suspectsShape);
}
