import { z } from "zod";
import { durationShape } from "./duration.js";
import { memorySizeShape } from "./memory-size.js";

const share = z.number().positive().max(0.5);

const leakShape = z
  .strictObject({
    load: durationShape.default("70s").describe("of each cycle, the flows run so long"),
    drain: durationShape.default("30s").describe("and then rest so long; its last third counts"),
    cycles: z.int().min(5).max(1000).default(20).describe("at most; the first one only warms up"),
    errorRate: share.default(0.02).describe("how often each of the two wrong decisions may happen"),
    least: memorySizeShape
      .default("1M")
      .describe("lost per million packets is a leak, until the bad end's own loss is known"),
  })
  .describe(
    "the stress is cycles of load and drain, until it is known whether memory is lost with the packets",
  );

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
    leak: leakShape.optional(),
    failure: z
      .union([z.enum(["endpoint", "any"]), z.array(z.string().min(1)).min(1)])
      .default("endpoint")
      .describe(
        "endpoint: a crash unlike those of the bisect's bad end skips the commit, once that end was tested; any: each crash is bad; or texts, one of which the crash's title or signature must hold",
      ),
    missRate: share
      .default(0.05)
      .describe(
        "how likely a clean run may hide the bug, going by the bad end's failures: the flows go on until it is less likely, and what stays likelier is not good",
      ),
    throughput: z
      .number()
      .positive()
      .max(1)
      .optional()
      .describe("a smaller ratio to the good end's throughput is bad"),
  })
  .prefault({})
  .describe("what is bad, beside a crash under stress");
