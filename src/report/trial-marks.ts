// The moments that a trial's curves are read by: when each stage began, when the kernel failed, when the verdict fell.
import type { KernelEvent } from "../evidence/kernel-event.js";
import type { GrowingSeries } from "./read-series.js";
import type { Report, Trial } from "./report-shape.js";

interface Seen {
  source: string;
  evidence: { events?: readonly KernelEvent[] };
}

/** A recovery takes a while; a kernel event so long after the last sample is of another boot. */
const longestGapSeconds = 120;

/** `samples`: by source. Only the target's own have a crash and a verdict. */
export function trialMarks(
  trial: Trial,
  samples: readonly { source: string; samples: GrowingSeries }[],
  seen: readonly Seen[],
): Report["marks"] {
  return samples.flatMap(({ source, samples: own }) => {
    const stages = own.marks.map((mark) => ({ source, ...mark, kind: "stage" as const }));
    if (source !== `${trial.folder}/samples.jsonl`) return stages;
    const crash = trial.verdict === "bad" ? crashOf(own, seen) : undefined;
    const told = trial.verdict === "cut" || trial.verdict === "fault" ? [] : [trial.verdict];
    return [
      ...stages,
      ...(crash === undefined ? [] : [{ source, atSeconds: crash, text: "crash", kind: "crash" as const }]),
      ...told.map((text) => ({
        source,
        atSeconds: Math.max(own.endSeconds, crash ?? 0),
        text,
        kind: "verdict" as const,
      })),
    ];
  });
}

/** By printk's clock, which counts from the boot as the samples' uptime does. */
function crashOf({ uptimeSeconds, endSeconds }: GrowingSeries, seen: readonly Seen[]): number | undefined {
  if (uptimeSeconds === undefined) return undefined;
  const logs = ["dmesg.log", "serial.log"].flatMap((name) =>
    seen.filter(({ source }) => source.endsWith(`/${name}`)),
  );
  const moments = logs.flatMap(({ evidence }) =>
    (evidence.events ?? []).flatMap((event) => event.uptimeSeconds ?? []),
  );
  return moments
    .map((moment) => Math.round((moment - uptimeSeconds) * 1000) / 1000)
    .find((seconds) => seconds >= 0 && seconds <= endSeconds + longestGapSeconds);
}
