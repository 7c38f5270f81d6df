// BUG() and WARN() with the place in the source, the special ones before the general.
import type { SymptomRule } from "../symptom-rule.js";

const lockSkip = /^lock_sock|release_sock/;

export const bugs: readonly SymptomRule[] = [
  {
    kind: "trace-entries",
    class: "warning",
    start: /BUG: MAX_STACK_TRACE_ENTRIES too low!/,
    title: "BUG: MAX_STACK_TRACE_ENTRIES too low!",
  },
  {
    kind: "corrupted-lines",
    class: "warning",
    start: /INFO: (?:Freed|Allocated) in (\w+)/,
    title: "INFO: object state of {1}",
    blame: "line",
  },
  {
    kind: "skb-panic",
    class: "bug",
    start: /skb(?:uff: skb)?_(over|under)_panic/,
    title: "kernel BUG in {f}",
    herald: true,
    skip: /^skb_|skb_panic/,
  },
  {
    kind: "usercopy",
    class: "bug",
    start: /kernel BUG at mm\/usercopy\.c/i,
    title: "BUG: bad usercopy in {f}",
    skip: /usercopy|^__check|check_heap_object|check_object_size/,
  },
  {
    kind: "list-corruption",
    class: "memory_safety_bug",
    start: /kernel BUG at lib\/list_debug\.c/i,
    title: "BUG: corrupted list in {f}",
    skip: /list_/,
  },
  {
    kind: "kernel-bug",
    class: "bug",
    start: /kernel BUG at \S+/i,
    title: "kernel BUG in {f}",
    skip: /^skb_/,
  },
  {
    kind: "odebug",
    class: "warning",
    start: /WARNING: .*lib\/debugobjects\.c/,
    title: "WARNING: ODEBUG bug in {f}",
    skip: /debug_|rcu|hrtimer_|timer_|work_|percpu_|vunmap|vfree|__free_|kobject_/,
  },
  {
    kind: "usercopy",
    class: "warning",
    start: /WARNING: .*mm\/usercopy\.c/,
    title: "WARNING: bad usercopy in {f}",
    skip: /usercopy|^__check/,
  },
  {
    kind: "kobject",
    class: "warning",
    start: /WARNING: .*lib\/kobject\.c/,
    title: "WARNING: kobject bug in {f}",
    skip: /kobject_/,
  },
  {
    kind: "proc",
    class: "warning",
    start: /WARNING: .*fs\/proc\/generic\.c/,
    title: "WARNING: proc registration bug in {f}",
    skip: /proc_/,
  },
  {
    kind: "refcount",
    class: "refcount_warning",
    start: /WARNING: .*lib\/refcount\.c/,
    title: "WARNING: refcount bug in {f}",
    skip: /refcount|kobject_/,
  },
  {
    kind: "locking",
    class: "lockdep",
    start: /WARNING: .*kernel\/locking\/lockdep\.c.*lock_/,
    title: "WARNING: locking bug in {f}",
    skip: lockSkip,
  },
  {
    kind: "vmalloc",
    class: "warning",
    start: /WARNING: .*mm\/vmalloc\.c/,
    title: "WARNING: zero-size vmalloc in {f}",
  },
  {
    kind: "kmalloc",
    class: "warning",
    start: /WARNING: .*mm\/.*\.c.*(?:k?.?malloc|krealloc)/,
    title: "WARNING: kmalloc bug in {f}",
    skip: /kmalloc|krealloc|slab|kmem/,
  },
  {
    kind: "urb",
    class: "warning",
    start: /WARNING: .* usb_submit_urb/,
    title: "WARNING in {f}/usb_submit_urb",
    skip: /usb_submit_urb|usb_start_wait_urb|usb_bulk_msg|usb_interrupt_msg|usb_control_msg/,
  },
  {
    kind: "stack-registers",
    class: "warning",
    start: /WARNING: kernel stack (regs|frame pointer) .*has bad/,
    title: "WARNING: kernel stack {1} has bad value",
  },
  {
    kind: "warning",
    class: "warning",
    start: /WARNING: (?:CPU: \d|at |.* at [\w./-]+\.(?:[chS]|rs):\d|[\w./-]+\.[ch]:\d+ at |.*\bCPU#\d)/,
    title: "WARNING in {f}",
  },
];
