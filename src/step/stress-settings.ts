// Traffic between the hosts, or a command of the user's own.
import { z } from "zod";
import { durationShape } from "./duration.js";

const flow = z.strictObject({
  from: z.string().describe("the host that sends"),
  to: z.string().describe("the host that receives"),
  reverse: z
    .boolean()
    .default(false)
    .describe("the sender listens and the receiver asks for the data (iperf3 -R); else the receiver listens"),
  address: z
    .string()
    .regex(/^[0-9a-fA-F.:]+$/, "must be an IP address")
    .optional()
    .describe("of the one that listens; left out: that of its first interface under test"),
  port: z.int().min(1).max(65_535).optional().describe("left out: 5201 for the first flow, and so on"),
  parallel: z.int().min(1).max(128).default(1).describe("streams (iperf3 -P)"),
  length: z.int().positive().optional().describe("bytes a write (iperf3 -l)"),
  udp: z.boolean().default(false).describe("datagrams at `bitrate` instead of TCP (iperf3 -u)"),
  bitrate: z
    .string()
    .regex(/^[1-9]\d{0,5}[KMG]$/, 'must be a rate such as "40M"')
    .optional()
    .describe("bits a second of each stream (iperf3 -b); UDP without it: 1M"),
  window: z.int().positive().optional().describe("bytes of socket buffer (iperf3 -w)"),
  mss: z.int().positive().optional().describe("iperf3 -M"),
  zerocopy: z.boolean().default(false).describe("iperf3 -Z"),
});

const healthShape = z
  .strictObject({
    run: z
      .string()
      .regex(/\S/, "must not be empty")
      .describe("for sh -c: 0 is well, 1 to 124 ill, 125 can't tell"),
    on: z.string().optional().describe("the host that runs it; left out: the target"),
    interval: durationShape.default("10s").describe("between two questions"),
    timeout: durationShape.default("30s").describe("a probe that takes longer gives no answer"),
    failures: z.int().min(1).max(1000).default(1).describe("ill answers in a row that end the stress as bad"),
    settle: durationShape.default("2m").describe("how long it may take to be well before the stress"),
  })
  .describe("asked beside the stress whether what runs over the driver is well");

export type HealthSettings = z.output<typeof healthShape>;

const memleakObject = z.strictObject({
  every: durationShape.default("10s").describe("between two prints"),
  drain: durationShape.default("90s").describe("how long prints are taken after the load's end"),
});

export type MemleakSettings = z.output<typeof memleakObject>;

/** How memleak runs beside the stress; undefined: not at all. */
export function memleakOf({
  memleak,
}: {
  memleak: "on" | "off" | MemleakSettings;
}): MemleakSettings | undefined {
  if (memleak === "off") return undefined;
  return memleak === "on" ? memleakObject.parse({}) : memleak;
}

/** One object for both forms; the settings' own check says which keys go together. */
export const stressShape = z
  .strictObject({
    run: z.string().regex(/\S/, "must not be empty").optional().describe("for sh -c, in the source's copy"),
    timeout: durationShape
      .default("2h")
      .describe(
        "then the command's whole process group is ended; flows go on for as long as it takes to be sure, so long at most; 2h when left out",
      ),
    flows: z.array(flow).min(1).optional().describe("iperf3 between hosts; needs target"),
    duration: durationShape.default("60s").describe("how long the flows run"),
    exposure: z
      .strictObject({
        packets: z.int().positive(),
        perQueue: z.boolean().default(false).describe("counted on the busiest receive queue"),
      })
      .optional()
      .describe("what has to be received for a clean run to count; the flows end as soon as it is"),
    health: healthShape.optional(),
    memleak: z
      .union([z.enum(["on", "off"]), memleakObject])
      .default("off")
      .describe("BCC's memleak on the target beside the stress; it slows the machine down"),
  })
  .describe("run: 0 is good, 1 to 124 bad, 125 can't tell, anything else stops the bisect; or flows");

export type StressSettings = z.output<typeof stressShape>;
export type Flow = z.output<typeof flow>;
