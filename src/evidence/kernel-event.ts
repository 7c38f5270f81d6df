import type { ParsedFrame, StackFrame } from "./stack-frame.js";
import type { SymptomClass } from "./symptom-rule.js";

/** One thing that the kernel reported as wrong. */
export interface KernelEvent {
  /** 0 for the first of the log: later ones are often its consequences. */
  index: number;
  kind: string;
  class: SymptomClass;
  /** As syzbot would name it: "general protection fault in i40e_clean_rx_irq". */
  title: string;
  /** The line that started it, without prefixes. */
  headline: string;
  /** Line number in the log, from 1. */
  line: number;
  frames: StackFrame[];
  /** Where the kernel's instruction pointer was. */
  ip?: ParsedFrame;
  /** Its place among the frames: those before it report, the later ones called. */
  frameIndexOfIp?: number;
  /** The function that the headline itself names. */
  named?: string;
  /** The function of the work item, which stays known when it was inlined. */
  workFunction?: string;
  /** The function to look at first. */
  blamed?: string;
  /** The modules whose frames are in its stacks, in order of their first frame. */
  modulesInStack: string[];
  /** Letters of the `Tainted:` line ("OE"), "" when it says not tainted. */
  taint?: string;
  /** Loaded modules as the event lists them, `i40e` with its flags "OE". */
  modules: LoadedModule[];
  /** The driver that the headline names before its device, as `i40e 0000:3b:00.0 ens1f0: `. */
  driver?: string;
  cpu?: number;
  pid?: number;
  process?: string;
  kernel?: string;
  uptimeSeconds?: number;
  stamp?: string;
  /** How often a message that says all on one line came again. */
  repeats?: number;
  /** Whether the machine panicked over it. */
  panicked: boolean;
  /** The same for the same bug on another run or build: kind, blamed function, the module's functions. */
  signature: string;
}

export interface LoadedModule {
  name: string;
  /** O out of tree, E unsigned, P proprietary, F forced; "" for a plain one. */
  flags: string;
}
