// Memory and data-race sanitizers: KASAN, KMSAN, KCSAN, KFENCE, UBSAN.
import type { SymptomRule } from "../symptom-rule.js";

export const sanitizers: readonly SymptomRule[] = [
  {
    kind: "kasan-invalid-free",
    class: "kasan-invalid-free",
    start: /BUG: KASAN: (double-free|invalid-free)/,
    title: "KASAN: invalid-free in {f}",
    skip: /^slab_|kfree|vunmap|vfree|^kmem_cache_free/,
  },
  {
    kind: "kasan",
    class: "kasan-unknown",
    start: /BUG: KASAN: ([a-z-]+)(?: in | on |$)/,
    title: "KASAN: {1} {rw} in {f}",
    skip: /kernel_fault|tag_check|mem_abort|^el1_|^el1h_/,
  },
  { kind: "kasan", class: "kasan-unknown", start: /BUG: KASAN: ()/, title: "KASAN: {f}" },
  {
    kind: "kasan",
    class: "kasan-unknown",
    start: /BUG: KASan: "?((?:use after free|out of bounds|wild memory|user memory|null pointer)\b)?/,
    title: "KASAN: {1} {rw} in {f}",
  },
  {
    kind: "kmsan",
    class: "kmsan-unknown",
    start: /BUG: KMSAN: ([a-z-]+)/,
    title: "KMSAN: {1} in {f}",
    skip: /alloc_skb|netlink_ack|netlink_rcv_skb|_encrypt$|^(?:crypto|cipher|drbg|rng)_|usb_submit_urb|usb_start_wait_urb|usb_bulk_msg|usb_interrupt_msg|usb_control_msg/,
  },
  { kind: "kcsan", class: "kcsan-unknown", start: /BUG: KCSAN: (.*)/, title: "KCSAN: {1}", blame: "line" },
  {
    kind: "kfence",
    class: "kfence-memory-corruption",
    start:
      /BUG: KFENCE: (use-after-free|out-of-bounds|invalid free|invalid|memory corruption)(?: (read|write))?/,
    title: "KFENCE: {1} {2} in {f}",
  },
  {
    kind: "ubsan-index",
    class: "memory_safety_ubsan",
    start: /UBSAN: array-index-out-of-bounds in/,
    title: "UBSAN: array-index-out-of-bounds in {f}",
    skip: /ubsan|overflow/,
  },
  {
    kind: "ubsan",
    class: "ubsan",
    start: /UBSAN: Undefined behaviour in/,
    title: "UBSAN: undefined-behaviour in {f}",
    skip: /ubsan|overflow/,
  },
  {
    kind: "ubsan",
    class: "ubsan",
    start: /UBSAN: ([a-z-]+) in/,
    title: "UBSAN: {1} in {f}",
    skip: /ubsan|overflow/,
  },
];
