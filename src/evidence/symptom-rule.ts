// What a rule says of one wording of the kernel; the rules themselves are in symptoms/, by class.

/**
 * The coarse class, in the vocabulary of syzbot's crash types (written small); "unknown" is a backtrace whose
 * headline is missing, "module-assertion", "device", "hardware" and "memory-pressure" are what drivers and machines add.
 */
export type SymptomClass =
  | "hang"
  | "warning"
  | "dos"
  | "lockdep"
  | "memory_safety_bug"
  | "bug"
  | "leak"
  | "atomic_sleep"
  | "ubsan"
  | "memory_safety_ubsan"
  | "null-pointer-dereference"
  | "refcount_warning"
  | "kasan-read"
  | "kasan-write"
  | "kasan-use-after-free-read"
  | "kasan-use-after-free-write"
  | "kasan-invalid-free"
  | "kasan-null-pointer-dereference-read"
  | "kasan-null-pointer-dereference-write"
  | "kasan-unknown"
  | "kmsan-uninit-value"
  | "kmsan-info-leak"
  | "kmsan-unknown"
  | "kcsan-datarace"
  | "kcsan-assert"
  | "kcsan-unknown"
  | "kfence-memory-corruption"
  | "kfence-use-after-free-read"
  | "kfence-use-after-free-write"
  | "kfence-read"
  | "kfence-write"
  | "kfence-invalid-free"
  | "module-assertion"
  | "device"
  | "hardware"
  | "memory-pressure"
  | "unknown";

export interface SymptomRule {
  /** The fine name, as `soft-lockup`. */
  kind: string;
  class: SymptomClass;
  /** Matches the first line of the event, without prefixes. */
  start: RegExp;
  /** `{f}` becomes the blamed function, `{1}` the first group, `{driver}` the driver named before its device; without `{f}` the title names no function. */
  title: string;
  /** Functions that only report or carry this kind, so are never blamed for it. */
  skip?: RegExp;
  /** Hangs point anywhere in a loop or wait: the function next to the system call names them better. */
  blame?: "dispatched" | "interrupted" | "waiter" | "line" | "locks" | "chain" | "origin";
  /** A headline that the kernel's own BUG or WARNING line follows within a few lines. */
  herald?: true;
  /** Says all on one line, so that it never takes over the stack that another event is printing. */
  single?: true;
}
