// All that a trial on a target has seen, as its judge takes it: nothing else decides a verdict.
import type { KernelMemory } from "../evidence/kernel-memory.js";
import type { ModuleSymbols } from "../build/module-symbols.js";
import type { Exposure } from "./exposure.js";
import type { Verdict } from "./verdict.js";
import type { Alarm, WatchRecord } from "./watch.js";

/** How the stress ended, in what matters to a verdict. */
export type StressEnd =
  | { kind: "clean" }
  /** The command's or the traffic's own word that the commit can't be judged. */
  | { kind: "verdict"; verdict: Verdict }
  /** Something of ours ended early; only the target's death excuses it. */
  | { kind: "broken"; detail: string; hint?: string }
  /** Nothing moves any more although everything runs: not ours, and no proof either. */
  | { kind: "stalled"; detail: string }
  /** Ended because of an alarm, or never begun. */
  | { kind: "stopped" };

export interface TrialFacts {
  stage: "load" | "configure" | "stress";
  stress: StressEnd;
  alarm: Alarm | undefined;
  /** The target stopped answering or booted anew. */
  dead: boolean;
  /** It was found in a new boot, and not because its power was switched. */
  rebooted: boolean;
  record: WatchRecord;
  /** What the boot that ended left: pstore and journal. */
  lastBoot: string;
  /** The module under test; without its symbols the sizes of frames are not compared. */
  module?: { name: string; symbols: ModuleSymbols | undefined };
  exposure?: Exposure;
  /** What the receive rings hold when all is well. */
  ringBytes?: number;
  /** What the kernel held once the module was unloaded again. */
  afterUnload?: KernelMemory;
  /** Bits per second, a value per ten seconds of the flows. */
  throughput?: readonly number[];
}
