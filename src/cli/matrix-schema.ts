// The JSON that `matrix --json` prints, as published in schema/.
import { z } from "zod";
import { published } from "./evidence-schema.js";
import { verdictShape } from "./verdict-schema.js";

const count = z.int().min(0);
const place = {
  release: z.string().describe("a version, or in-tree"),
  kernel: z.string().describe("uname -r"),
};
const buildError = z.object({
  file: z.string().optional(),
  line: count.optional(),
  message: z.string(),
  expandedIn: z
    .array(z.object({ file: z.string(), line: count, macro: z.string() }))
    .optional()
    .describe("the macros that the text came from, innermost first"),
});
const fixups = z.array(z.string()).describe("reasons of the catalog's fixups that changed something");

const build = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("built"), fixups, elapsedMs: z.number().min(0) }),
  z.object({
    kind: z.literal("failed"),
    fixups,
    firstError: z.string(),
    errors: z.array(buildError),
    sourceLine: z.string().optional().describe("that the first error points at, as it was compiled"),
    elapsedMs: z.number().min(0),
  }),
  z.object({ kind: z.literal("not-built") }),
  z.object({ kind: z.literal("shipped"), path: z.string() }),
  z.object({ kind: z.literal("not-shipped") }),
]);

const suggestion = z.object({
  by: z.enum(["catalog", "headers"]),
  text: z.string(),
  fixup: z
    .looseObject({ kind: z.string(), releases: z.string(), kernels: z.string(), reason: z.string() })
    .optional()
    .describe("as a catalog holds it, see releases/schema.json"),
  tried: z
    .object({
      ...place,
      outcome: z.enum(["builds", "another-error", "same-error"]),
      error: z.string().optional(),
    })
    .optional()
    .describe("what one release of the failure did with it"),
});

const state = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("tested"),
    verdict: verdictShape,
    evidence: z.string().describe("the trial's folder"),
    refused: z.array(z.string()).describe("settings that this release's driver could not be told"),
  }),
  z.object({ kind: z.literal("not-tested"), why: z.string().optional() }),
]);

const shape = z.object({
  schemaVersion: z.literal(1),
  driver: z.string(),
  kernels: z.array(z.string()).describe("the columns"),
  releases: z.array(z.string()).describe("the rows"),
  cells: z.array(
    z.object({
      ...place,
      build,
      withoutFixups: z.enum(["built", "failed"]).optional().describe("left out: not built so"),
    }),
  ),
  failures: z
    .array(
      z.object({
        number: z.int().min(1),
        error: z.string(),
        cells: z.array(z.object(place)),
        suggestions: z.array(suggestion),
      }),
    )
    .describe("the cells that do not build, by their first error"),
  settings: z.array(z.string()).describe('what trials compared, "" for the settings as they are'),
  trials: z.array(z.object({ ...place, settings: z.string(), state })),
  counts: z.object({
    cells: count,
    built: count,
    failed: count,
    notBuilt: count,
    fixed: count.describe("built with fixups at work"),
    proved: count.describe("of those, built without them too"),
    wonByFixups: count.describe("of those, failing without them"),
  }),
});

export function matrixJsonSchema(): object {
  return published(shape, "tarbisect matrix --json");
}
