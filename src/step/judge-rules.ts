import type { z } from "zod";
import { durationMs } from "./duration.js";
import type { judgeShape } from "./judge-settings.js";
import type { JudgeRules } from "./judge-trial.js";
import type { CycleRules } from "./leak-cycles.js";
import { memorySizeBytes } from "./memory-size.js";

export type JudgeSettings = z.output<typeof judgeShape>;

const packetsOfRate = 1e6;

/** The settings' `judge` as numbers. */
export function judgeRules({ memory, leak, failure, missRate, throughput }: JudgeSettings): JudgeRules {
  const bytes = (size: string | undefined): number | undefined =>
    size === undefined ? undefined : memorySizeBytes(size);
  return {
    failure,
    missRate,
    throughput,
    leak: leak && {
      errorRate: leak.errorRate,
      leastBytesPerPacket: memorySizeBytes(leak.least) / packetsOfRate,
    },
    memory: memory && {
      unaccountedLimitBytes: bytes(memory.unaccountedLimit),
      slopeLimitBytesPerMinute: bytes(memory.slopeLimit),
    },
  };
}

/** How the stress runs while a leak is looked for; undefined: it is not. */
export function cycleRules(judge: JudgeSettings): CycleRules | undefined {
  const rules = judgeRules(judge).leak;
  if (judge.leak === undefined || rules === undefined) return undefined;
  const { load, drain, cycles } = judge.leak;
  return { ...rules, load, drainMs: durationMs(drain), cycles };
}
