import { z } from "zod";
import { memorySizeShape } from "./memory-size.js";

export const judgeShape = z
  .strictObject({
    memory: z
      .strictObject({
        unaccountedLimit: memorySizeShape
          .optional()
          .describe("memory that no counter explains may grow by so much during the stress"),
        slopeLimit: memorySizeShape.optional().describe("and by so much a minute"),
      })
      .optional(),
    failure: z
      .union([z.literal("any"), z.array(z.string().min(1)).min(1)])
      .default("any")
      .describe(
        "any: each crash is bad; or texts, one of which the crash's title or signature must hold: another crash skips the commit",
      ),
  })
  .prefault({})
  .describe("what is bad, beside a crash under stress");
