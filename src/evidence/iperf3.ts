// iperf3 -J. Its exit code tells little (3.12 ends with 0 when the server was killed): the `error` key does.
import { z } from "zod";

const sum = z.object({
  start: z.number().optional(),
  end: z.number().optional(),
  seconds: z.number().optional(),
  bytes: z.number().optional(),
  bits_per_second: z.number().optional(),
  retransmits: z.number().optional(),
  omitted: z.boolean().optional(),
});
const shape = z.object({
  error: z.string().optional(),
  start: z
    .object({
      test_start: z.object({ num_streams: z.number(), duration: z.number(), omit: z.number() }).partial(),
    })
    .partial()
    .optional(),
  intervals: z.array(z.object({ sum: sum.optional(), sum_bidir_reverse: sum.optional() })).optional(),
  end: z.object({ sum_sent: sum, sum_received: sum, sum }).partial().optional(),
});

/** One client run. */
export interface Iperf3Run {
  /** "cut": the JSON ended early; "error": iperf3 says why; "complete": it ran to its end. */
  state: "complete" | "cut" | "error";
  error?: string;
  streams?: number;
  plannedSeconds?: number;
  /** Per interval that is not omitted, in bits per second. */
  bitsPerSecond: number[];
  retransmits: number;
  sentBytes?: number;
  receivedBytes?: number;
}

/** Reads what iperf3 -J wrote, also when it was cut off or says an error. Never throws. */
export function readIperf3(text: string): Iperf3Run {
  const parsed = shape.safeParse(tryJson(text.slice(Math.max(0, text.indexOf("{")))));
  if (!parsed.success) return { state: "cut", ...fromPieces(text) };
  const { error, start, intervals, end } = parsed.data;
  const kept = (intervals ?? []).flatMap((i) =>
    i.sum === undefined || i.sum.omitted === true ? [] : [i.sum],
  );
  const run: Iperf3Run = {
    state: error === undefined ? "complete" : "error",
    bitsPerSecond: kept.flatMap((i) => i.bits_per_second ?? []),
    retransmits: end?.sum_sent?.retransmits ?? kept.reduce((all, i) => all + (i.retransmits ?? 0), 0),
  };
  if (error !== undefined) run.error = error;
  else if (end === undefined || Object.keys(end).length === 0) run.state = "cut";
  const test = start?.test_start;
  if (test?.num_streams !== undefined) run.streams = test.num_streams;
  if (test?.duration !== undefined) run.plannedSeconds = test.duration;
  const sent = end?.sum_sent?.bytes ?? end?.sum?.bytes;
  if (sent !== undefined) run.sentBytes = sent;
  if (end?.sum_received?.bytes !== undefined) run.receivedBytes = end.sum_received.bytes;
  return run;
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The sums of whole intervals in a JSON text that ends in the middle. */
function fromPieces(text: string): { bitsPerSecond: number[]; retransmits: number } {
  const sums = [...text.matchAll(/"sum":\s*(\{[^{}]*\})/g)].flatMap((m) => {
    const one = sum.safeParse(tryJson(m[1] ?? ""));
    return one.success && one.data.omitted !== true ? [one.data] : [];
  });
  return {
    bitsPerSecond: sums.flatMap((s) => s.bits_per_second ?? []),
    retransmits: sums.reduce((all, s) => all + (s.retransmits ?? 0), 0),
  };
}
