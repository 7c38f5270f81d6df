// The JSON that `evidence --json` prints, as published in schema/.
import { z } from "zod";

/** A number of things or bytes. */
export const count = z.int().min(0);
/** A frame as it was printed. */
export const parsedFrame = z.object({
  function: z.string().describe("as the source names it"),
  symbol: z.string().optional().describe("as it was printed, where the compiler's suffixes make it differ"),
  offset: count.optional().describe("bytes from the function's start"),
  size: count.optional().describe("bytes of the function in that build"),
  module: z.string().optional(),
  source: z.string().optional().describe("path:line, where the log was symbolized already"),
  reliable: z.boolean().describe("false for `? ` frames, which may not have been called"),
  inline: z.boolean(),
});
const frame = parsedFrame.extend({
  context: z.enum(["task", "irq", "softirq", "nmi", "exception", "user"]),
  stack: z
    .string()
    .describe("main, ip, headline, work, lock, lock chain, lock became, allocated, freed or other"),
  trace: count.describe("which of the event's printed backtraces"),
});
const event = z.object({
  index: count,
  kind: z.string(),
  class: z.string(),
  title: z.string().describe("as syzbot would name it"),
  headline: z.string(),
  line: count,
  frames: z.array(frame),
  ip: parsedFrame.optional().describe("where the kernel's instruction pointer was"),
  frameIndexOfIp: count.optional(),
  named: z.string().optional().describe("the function that the headline names"),
  workFunction: z.string().optional(),
  blamed: z.string().optional().describe("the function to look at first"),
  modulesInStack: z.array(z.string()),
  taint: z.string().optional(),
  modules: z.array(z.object({ name: z.string(), flags: z.string() })),
  driver: z.string().optional(),
  cpu: count.optional(),
  pid: count.optional(),
  process: z.string().optional(),
  kernel: z.string().optional(),
  uptimeSeconds: z.number().optional(),
  stamp: z.string().optional(),
  repeats: count.optional(),
  panicked: z.boolean(),
  signature: z.string().describe("the same for the same bug on another run or build"),
});
const memleakStack = z.object({
  bytes: count,
  count,
  kind: z.enum(["allocations", "deallocations"]),
  frames: z.array(parsedFrame),
  lost: z.boolean(),
  key: z.string(),
});
const heldSeries = z.object({
  module: z.string(),
  function: z.string(),
  points: z.array(
    z.object({
      clock: z.string().optional(),
      bytes: count,
      count,
      excessBytes: z.number().optional(),
      drainSeconds: count.optional(),
    }),
  ),
  verdict: z.enum(["within-rings", "not-given-back", "given-back", "cannot-tell"]),
  reason: z.string(),
});
const counters = z.record(z.string(), z.number());
const file = z.object({
  file: z.string(),
  events: z.array(event).optional(),
  memleak: z
    .array(
      z.object({
        clock: z.string().optional(),
        elapsedSeconds: count.optional(),
        stacks: z.array(memleakStack),
      }),
    )
    .optional(),
  heldByModule: z.array(heldSeries).optional(),
  held: z
    .array(
      z.object({
        source: z.enum(["kmemleak", "page-owner"]),
        bytes: count,
        count,
        frames: z.array(parsedFrame),
        key: z.string(),
      }),
    )
    .optional(),
  rings: z
    .array(
      z.object({
        interface: z.string(),
        rx: count.optional(),
        tx: count.optional(),
        rxQueues: count.optional(),
      }),
    )
    .optional(),
  meminfo: z.object({ fields: counters, unaccountedBytes: z.number().optional() }).optional(),
  vmstat: z.object({ fields: counters, livePages: z.number().optional() }).optional(),
  slabs: z
    .array(
      z.object({
        name: z.string(),
        activeObjects: count,
        objects: count,
        objectBytes: count,
        slabBytes: count,
      }),
    )
    .optional(),
  softirqs: z.record(z.string(), z.array(count)).optional(),
  softnet: z
    .array(
      z.object({
        cpu: count,
        processed: count,
        dropped: count,
        timeSqueeze: count,
        flowLimit: count.optional(),
        backlog: count.optional(),
      }),
    )
    .optional(),
  counters: counters.optional(),
  iperf3: z
    .object({
      state: z.enum(["complete", "cut", "error"]),
      error: z.string().optional(),
      streams: count.optional(),
      plannedSeconds: z.number().optional(),
      bitsPerSecond: z.array(z.number()),
      retransmits: z.number(),
      sentBytes: z.number().optional(),
      receivedBytes: z.number().optional(),
    })
    .optional(),
});

/** What `evidence --json` prints. */
export function evidenceJsonSchema(): object {
  return published(z.object({ files: z.array(file) }), "tarbisect evidence --json");
}

/** As a file of schema/. */
export function published(shape: z.ZodType, title: string): object {
  return { ...z.toJSONSchema(shape, { target: "draft-7" }), title };
}
