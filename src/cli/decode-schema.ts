// The JSON that `decode --json` prints, as published in schema/.
import { z } from "zod";
import { count, parsedFrame, published } from "./evidence-schema.js";

const place = z.object({ section: z.string(), address: count, symbol: z.string() });
const decoded = z.object({
  module: z.string(),
  ko: z.string(),
  hasLines: z.boolean().describe("whether the module was built with debug information"),
  frames: z.array(
    parsedFrame.extend({
      event: count.optional().describe("the event that it was first in"),
      returns: z.boolean().describe("whether it is a return address: the call stands just before it"),
      place: z.discriminatedUnion("kind", [
        place.extend({ kind: z.literal("placed") }),
        z.object({ kind: z.literal("ambiguous"), places: z.array(place) }),
        z.object({ kind: z.literal("other-build"), sizeBytes: count, ownBytes: z.array(count) }),
        z.object({ kind: z.literal("unknown"), why: z.string() }),
      ]),
      lines: z
        .array(
          z.array(z.object({ function: z.string(), file: z.string().optional(), line: count.optional() })),
        )
        .describe("for each place the functions there, innermost first"),
    }),
  ),
});

/** What `decode --json` prints. */
export function decodeJsonSchema(): object {
  return published(decoded, "tarbisect decode --json");
}
