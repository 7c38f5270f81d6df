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
  /** The user's health probe said so. */
  | { kind: "unhealthy"; detail: string }
  /** Ended because of an alarm, or never begun. */
  | { kind: "stopped" };

/** A silence that was none of a machine that hangs. */
export interface CutOff {
  forMs: number;
  /** Its guard had put the kernel's own driver back, or was about to. */
  guardActed: boolean;
}

export interface TrialFacts {
  stage: "load" | "configure" | "stress";
  stress: StressEnd;
  alarm: Alarm | undefined;
  /** The target stopped answering or booted anew. */
  dead: boolean;
  /** It was found in a new boot, and not because its power was switched. */
  rebooted: boolean;
  /** That boot may be its guard's doing. */
  byGuard?: boolean;
  /** It was silent and then answered again in the same boot. */
  cutOff?: CutOff;
  record: WatchRecord;
  /** What the boot that ended left: pstore and journal. */
  lastBoot: string;
  /** The module under test; without its symbols the sizes of frames are not compared. */
  module?: { name: string; symbols: ModuleSymbols | undefined };
  exposure?: Exposure;
  /** What ran beside the stress and slows the machine down: no throughput and no timing is judged then. */
  slowedBy?: string;
  /** What the receive rings hold when all is well. */
  ringBytes?: number;
  /** What the kernel held once the module was unloaded again. */
  afterUnload?: KernelMemory;
  /** Bits per second, a value per ten seconds of the flows. */
  throughput?: readonly number[];
}
