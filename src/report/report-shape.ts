// The one description of a report: the types and the published JSON schema come from it. `source` says from which
// file or git command a value was read; what has none was read from the source named beside it.
import { z } from "zod";
import { trialHead, trialOutcome, trialPlace } from "./trial-shape.js";

const source = z.string().describe("the file or the git command that it was read from");

const endpoint = z.object({
  label: z.string().describe("as the user named it: a version, a tag, a folder"),
  commit: z.string().optional(),
  date: z.string().optional().describe("the day of its commit, YYYY-MM-DD"),
  withdrawn: z.boolean().optional().describe("the vendor took it down, as the catalog says"),
  notes: z.string().optional().describe("the catalog's"),
  urls: z.array(z.string()).describe("where its archive is, as the catalog says"),
  tested: z.object({ good: z.int(), bad: z.int(), skip: z.int() }).describe("counted from the trials"),
});

const trial = trialHead.extend({
  ...trialPlace.shape,
  ...trialOutcome.shape,
  cause: z.string(),
  signature: z.string().optional().describe("of the first kernel event in its logs"),
  stages: z.array(z.object({ stage: z.string(), code: z.int().optional(), elapsedMs: z.number() })),
});

const trace = z.object({
  source,
  events: z.array(
    z.object({
      title: z.string(),
      class: z.string(),
      signature: z.string(),
      line: z.int(),
      kernel: z.string().optional(),
      taint: z.string().optional(),
      panicked: z.boolean(),
    }),
  ),
  excerpt: z.array(z.string()).describe("of the first event that names the module, without register dumps"),
  omitted: z.int().describe("lines of that event that were left out"),
  before: z.array(z.string()).describe("what the log said just before that event"),
});

const suspect = z.object({
  rank: z.int(),
  name: z.string(),
  file: z.string(),
  line: z.int().optional(),
  score: z.number(),
  reasons: z.array(z.object({ signal: z.string(), points: z.number(), text: z.string() })),
  linesAdded: z.int(),
  linesRemoved: z.int(),
});

export const reportShape = z.object({
  schemaVersion: z.literal(1),
  tool: z.string(),
  writtenAt: z.string(),
  kind: z.enum(["review", "bisect-running", "bisect-done"]),
  driver: z.string().optional(),
  module: z.string().optional(),
  old: endpoint,
  new: endpoint,
  fixed: endpoint.optional(),
  bisect: z
    .object({
      source,
      good: z.array(z.string()).describe("labels of the commits marked good"),
      bad: z.array(z.string()),
      skipped: z.array(z.string()),
      candidates: z.int().describe("commits that may still be the first bad one"),
    })
    .optional(),
  timeline: z
    .array(
      z.object({
        commit: z.string(),
        label: z.string(),
        subject: z.string(),
        isRelease: z.boolean(),
        good: z.int(),
        bad: z.int(),
        skip: z.int(),
        mark: z.enum(["good", "bad", "skip", "first bad"]).optional().describe("in git's bisect log"),
      }),
    )
    .describe("the commits between the two ends, oldest first, with the trials of each"),
  culprit: z
    .object({
      commit: z.string(),
      label: z.string(),
      subject: z.string(),
      linesAdded: z.int(),
      linesRemoved: z.int(),
      parentGood: z.int().describe("trials that found its parent good"),
      bad: z.int().describe("trials that found it bad"),
      source,
    })
    .optional(),
  changes: z.object({
    source,
    old: z.string(),
    new: z.string(),
    files: z.int(),
    changedLines: z.int(),
    changedCodeLines: z.int(),
    functions: z.object({
      changed: z.int(),
      added: z.int(),
      removed: z.int(),
      renamed: z.int(),
      moved: z.int(),
      signature: z.int(),
      commentOnly: z.int(),
    }),
    topics: z.array(
      z.object({ topic: z.string(), functions: z.int(), linesAdded: z.int(), linesRemoved: z.int() }),
    ),
  }),
  suspects: z.array(suspect),
  suspectsBy: z.string().describe("what the ranking knew: traces, a fixed release"),
  suspectsTrust: z.string().describe("how often such a ranking was right, as measured"),
  patch: z
    .object({
      about: z.string(),
      base: z.string().describe("the tree that it applies to"),
      text: z.string(),
      functions: z.array(z.string()),
    })
    .optional(),
  fix: z
    .object({
      function: z.string(),
      base: z.string().describe("the tree that the fixed release is compared with"),
      text: z.string(),
    })
    .optional()
    .describe("what the fixed release changes in the first suspect"),
  traces: z.array(trace),
  memory: z
    .array(
      z.object({
        source,
        module: z.string(),
        function: z.string().describe("the module's function nearest to the allocator"),
        verdict: z.enum(["within-rings", "not-given-back", "given-back", "cannot-tell"]),
        reason: z.string(),
        points: z.array(
          z.object({
            clock: z.string().optional().describe("HH:MM:SS, as memleak prints it"),
            bytes: z.number(),
            count: z.int(),
            excessBytes: z.number().optional().describe("beyond what the rings hold"),
            drainSeconds: z.number().optional().describe("after the load's end"),
          }),
        ),
      }),
    )
    .describe("what memleak's prints hold by function of a module, and what they prove"),
  trials: z.array(trial),
  environment: z.array(z.object({ name: z.string(), value: z.string(), source })),
  warnings: z.array(z.object({ text: z.string(), source })).describe("what the driver said of its firmware"),
  series: z.array(
    z.object({
      source,
      name: z.string(),
      unit: z.string(),
      points: z.array(z.tuple([z.number(), z.number()])).describe("seconds since the first sample, value"),
    }),
  ),
  marks: z
    .array(
      z.object({
        source,
        atSeconds: z.number(),
        text: z.string(),
        kind: z.enum(["stage", "crash", "verdict"]),
      }),
    )
    .describe("moments in the series of the same source"),
  reproduce: z.array(z.string()).describe("commands"),
  gaps: z.array(z.string()).describe("what could not be analysed"),
});

export type Report = z.output<typeof reportShape>;
export type Trial = Report["trials"][number];
export type Endpoint = Report["old"];

/** The JSON schema of `tarbisect report --format json`, published as schema/report.schema.json. */
export function reportJsonSchema(): object {
  return { ...z.toJSONSchema(reportShape, { target: "draft-7" }), title: "tarbisect report" };
}
