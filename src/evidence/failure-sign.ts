// Whose failure it is, and whether two are the same bug. Damaged memory is noticed wherever it is used next, so that one
// bug's crashes look different each time; a fault in the module's own code is one bug per place.
import type { ModuleSymbols } from "../build/module-symbols.js";
import type { KernelEvent } from "./kernel-event.js";
import { placeFrame } from "./place-frames.js";
import type { StackFrame } from "./stack-frame.js";

/** A failure as two trials are compared by it. */
export interface FailureSign {
  signature: string;
  /** Failures of one family may be one bug although their signatures differ. */
  family?: FailureFamily;
}

/** "corruption": the kernel found memory damaged; "leak": memory is lost, or has run out. */
export type FailureFamily = "corruption" | "leak";

export type Attribution =
  /** A frame or the instruction pointer is in the module, and its size is that of the build. */
  | "module"
  /** Frames name the module, but another build of it. */
  | "other-build"
  | "corruption"
  | "hardware"
  /** Nothing points at the module. */
  | "elsewhere";

const damage =
  /^(?:memory_safety_bug|refcount_warning|null-pointer-dereference|kasan-|kfence-)|^memory_safety_ubsan$/;
const damageKinds = [
  "general-protection-fault",
  "usercopy",
  "oops",
  "invalid-opcode",
  "stack-protector",
  "stack-end",
  "stack-overflow",
  "stack-segment",
  "double-fault",
  "spinlock",
];
/** "kernel BUG at mm/slub.c:379!", and an init that died of SIGILL, SIGBUS or SIGSEGV: memory is not what was written. */
const damagedMemory =
  /kernel BUG at (?:\.\/)?(?:mm\/|include\/linux\/mm)|Attempted to kill init! exitcode=0x0000000[47b]\b/;

/** Whose an event is; `symbols` are those of the module under test, undefined: sizes can't be compared. */
export function attributeEvent(
  event: KernelEvent,
  module: { name: string; symbols: ModuleSymbols | undefined },
): Attribution {
  if (event.class === "hardware") return "hardware";
  const own = event.frames.filter((frame) => frame.reliable && isIn(frame, module.name));
  const { symbols } = module;
  if (own.length > 0)
    return symbols !== undefined && own.every((frame) => isOfOtherBuild(frame, symbols))
      ? "other-build"
      : "module";
  return isDamage(event) ? "corruption" : "elsewhere";
}

/** The event's sign; a fault in the module's own function belongs to no family. */
export function signOf(event: KernelEvent, module: string): FailureSign {
  const { signature } = event;
  const blamed = event.frames.find((frame) => frame.function === event.blamed);
  if (/out of memory|deadlocked on memory/i.test(event.headline)) return { signature, family: "leak" };
  const pinned = blamed !== undefined && isIn(blamed, module);
  return isDamage(event) && !pinned ? { signature, family: "corruption" } : { signature };
}

/** "same": equal signatures; "akin": of one family; "other": two bugs. */
export function compareSigns(seen: FailureSign, known: readonly FailureSign[]): "same" | "akin" | "other" {
  if (known.some(({ signature }) => signature === seen.signature)) return "same";
  return seen.family !== undefined && known.some(({ family }) => family === seen.family) ? "akin" : "other";
}

function isDamage({ class: of, kind, headline }: KernelEvent): boolean {
  return damage.test(of) || damageKinds.includes(kind) || damagedMemory.test(headline);
}

function isIn(frame: StackFrame, module: string): boolean {
  return frame.module?.replaceAll("-", "_") === module.replaceAll("-", "_");
}

function isOfOtherBuild(frame: StackFrame, symbols: ModuleSymbols): boolean {
  const returns = frame.stack !== "ip" && frame.stack !== "headline";
  return placeFrame({ ...frame, returns }, symbols).kind === "other-build";
}
