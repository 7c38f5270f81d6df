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

/** One object for both forms; the settings' own check says which keys go together. */
export const stressShape = z
  .strictObject({
    run: z.string().regex(/\S/, "must not be empty").optional().describe("for sh -c, in the source's copy"),
    timeout: durationShape
      .default("2h")
      .describe("then the command's whole process group is ended; 2h when left out"),
    flows: z.array(flow).min(1).optional().describe("iperf3 between hosts; needs target"),
    duration: durationShape.default("60s").describe("how long the flows run"),
    exposure: z
      .strictObject({
        packets: z.int().positive(),
        perQueue: z.boolean().default(false).describe("counted on the busiest receive queue"),
      })
      .optional()
      .describe("what has to be received for a clean run to count; the flows end as soon as it is"),
  })
  .describe("run: 0 is good, 1 to 124 bad, 125 can't tell, anything else stops the bisect; or flows");

export type StressSettings = z.output<typeof stressShape>;
export type Flow = z.output<typeof flow>;
