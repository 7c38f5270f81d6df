// What the kernel says when something is wrong, one rule per wording. The first rule that matches names the event.

/**
 * The coarse class, in the vocabulary of syzbot's crash types (written small); "unknown" is a backtrace whose
 * headline is missing, "module-assertion", "device" and "memory-pressure" are what drivers add.
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
  | "memory-pressure"
  | "unknown";

export interface SymptomRule {
  /** The fine name, as `soft-lockup`. */
  kind: string;
  class: SymptomClass;
  /** Matches the first line of the event, without prefixes. */
  start: RegExp;
  /** `{f}` becomes the blamed function, `{1}` the first group; without `{f}` the title names no function. */
  title: string;
  /** Functions that only report or carry this kind, so are never blamed for it. */
  skip?: RegExp;
  /** Hangs point anywhere in a loop or wait: the function next to the system call names them better. */
  blame?: "anchor" | "waiter" | "line" | "locks";
  /** A headline that the kernel's own BUG or WARNING line follows within a few lines. */
  herald?: true;
  /** Says all on one line, so that it never takes over the stack that another event is printing. */
  single?: true;
}

const lockSkip = /^lock_sock|release_sock/;

/** In order: the narrower wording before the wider. */
export const symptomRules: readonly SymptomRule[] = [
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
    kind: "null-pointer-dereference",
    class: "null-pointer-dereference",
    start: /(?:BUG: |^)(?:[Uu]nable to handle )?[Kk]ernel NULL pointer dereference/,
    title: "BUG: unable to handle kernel NULL pointer dereference in {f}",
  },
  {
    kind: "page-fault",
    class: "memory_safety_bug",
    start:
      /(?:BUG: |^|: )[Uu]nable to handle (?:kernel paging request|page fault for address|kernel data access|kernel execution of user memory|kernel write to read-only memory)/,
    title: "BUG: unable to handle kernel paging request in {f}",
  },
  {
    kind: "page-fault",
    class: "memory_safety_bug",
    start: /[Uu]nable to handle kernel access to user memory/,
    title: "BUG: unable to handle kernel access to user memory in {f}",
  },
  {
    kind: "page-fault",
    class: "memory_safety_bug",
    start: /BUG: [Uu]nable to handle kernel/,
    title: "BUG: unable to handle kernel",
  },
  {
    kind: "spinlock",
    class: "lockdep",
    start:
      /BUG: (spinlock|rwlock) (lockup suspected|already unlocked|recursion|bad magic|wrong owner|wrong CPU|cpu recursion)/,
    title: "BUG: {1} {2} in {f}",
    skip: /spin_|_lock|_unlock/,
  },
  {
    kind: "soft-lockup",
    class: "hang",
    start: /(?:BUG: soft lockup|softlockup detected)/,
    title: "BUG: soft lockup in {f}",
    blame: "anchor",
  },
  {
    kind: "hard-lockup",
    class: "hang",
    start: /Watchdog detected hard LOCKUP|hard lockup on cpu/i,
    title: "BUG: hard lockup in {f}",
    blame: "anchor",
  },
  {
    kind: "locks-held",
    class: "lockdep",
    start: /(BUG|WARNING): .*still has locks held!/,
    title: "{1}: still has locks held in {f}",
    blame: "locks",
  },
  {
    kind: "locks-held",
    class: "lockdep",
    start: /(BUG|WARNING): lock held when returning to user space/,
    title: "{1}: lock held when returning to user space in {f}",
    blame: "locks",
  },
  {
    kind: "held-lock-freed",
    class: "lockdep",
    start: /(BUG|WARNING): held lock freed!/,
    title: "{1}: held lock freed in {f}",
    blame: "locks",
  },
  {
    kind: "unlock-balance",
    class: "lockdep",
    start: /(BUG|WARNING): bad unlock balance detected!/,
    title: "{1}: bad unlock balance in {f}",
    skip: /^(?:rcu_|print_)/,
  },
  {
    kind: "atomic-schedule",
    class: "atomic_sleep",
    start: /BUG: scheduling while atomic/,
    title: "BUG: scheduling while atomic in {f}",
    skip: /schedule/,
  },
  {
    kind: "atomic-sleep",
    class: "atomic_sleep",
    start: /BUG: sleeping function called from invalid context/,
    title: "BUG: sleeping function called from invalid context in {f}",
    skip: /might_sleep|might_resched/,
  },
  {
    kind: "preemptible",
    class: "lockdep",
    start: /BUG: using ([a-z_]+)\(\) in preemptible/,
    title: "BUG: using {1}() in preemptible code in {f}",
    skip: /dump_stack|preempt|debug_|processor_id|this_cpu/,
  },
  {
    kind: "rss-counter",
    class: "memory_safety_bug",
    start: /BUG: Bad rss-counter state/,
    title: "BUG: Bad rss-counter state",
  },
  {
    kind: "page-table-leak",
    class: "memory_safety_bug",
    start: /BUG: non-zero (\w+) on freeing mm/,
    title: "BUG: non-zero {1} on freeing mm",
  },
  {
    kind: "dentry",
    class: "memory_safety_bug",
    start: /BUG: Dentry .*still in use/,
    title: "BUG: Dentry still in use in {f}",
  },
  {
    kind: "bad-page",
    class: "memory_safety_bug",
    start: /BUG: Bad page (state|cache)/,
    title: "BUG: Bad page {1} in {f}",
    skip: /(?:free|put|get|update|release)_page|free_unref|^_*folio|truncate_inode_pages|page_frag_free|alloc|vmap|page_owner|bad_page|free_pages/,
  },
  {
    kind: "bad-page-map",
    class: "memory_safety_bug",
    start: /BUG: Bad page map/,
    title: "BUG: Bad page map",
  },
  { kind: "workqueue-lockup", class: "hang", start: /BUG: workqueue lockup/, title: "BUG: workqueue lockup" },
  {
    kind: "workqueue-leak",
    class: "lockdep",
    start: /BUG: workqueue leaked (?:lock|atomic)/,
    title: "BUG: workqueue leaked lock or atomic in {f}",
    blame: "locks",
  },
  {
    kind: "memory-leak",
    class: "leak",
    start: /BUG: memory leak|^unreferenced object 0x/,
    title: "memory leak in {f}",
    skip: /kmemleak|mmap|kmem|slab|alloc|create_object|idr_get|list_lru_init|kasprintf|kvasprintf|pcpu_create|strdup|strndup|memdup/,
  },
  {
    kind: "stack-overflow",
    class: "memory_safety_bug",
    start: /stack guard page was hit/,
    title: "BUG: stack guard page was hit in {f}",
    blame: "anchor",
  },
  {
    kind: "wait-context",
    class: "lockdep",
    start: /\[ BUG: Invalid wait context \]/i,
    title: "WARNING: locking bug in {f}",
    skip: lockSkip,
  },
  {
    kind: "slab-object",
    class: "memory_safety_bug",
    start:
      /^=?BUG [\w:-]+(?: \([^)]*\))?: (?:Object already free|Poison overwritten|Redzone overwritten|Right Redzone|Left Redzone|Freepointer corrupt|Wrong object count|Freechain corrupt|Object padding|Invalid object|Freelist|Objects remaining)/i,
    title: "BUG: slab object corrupted in {f}",
    skip: /slab|kmem|kfree|kmalloc|object_err|check_bytes|free_debug|alloc_debug/,
  },
  {
    kind: "trace-entries",
    class: "warning",
    start: /BUG: MAX_STACK_TRACE_ENTRIES too low!/,
    title: "BUG: MAX_STACK_TRACE_ENTRIES too low!",
  },
  {
    kind: "circular-lock",
    class: "lockdep",
    start:
      /possible circular locking dependency detected|possible irq lock inversion dependency|possible recursive locking detected|-safe -> .*-unsafe lock order detected|possible circular.*deadlock/,
    title: "possible deadlock in {f}",
    blame: "locks",
  },
  {
    kind: "lock-state",
    class: "lockdep",
    start: /(?:WARNING|INFO): inconsistent lock state/,
    title: "inconsistent lock state in {f}",
    blame: "locks",
  },
  {
    kind: "rcu-usage",
    class: "lockdep",
    start: /(WARNING|INFO): suspicious RCU usage/,
    title: "{1}: suspicious RCU usage in {f}",
    skip: /rcu|kmem|slab/,
  },
  {
    kind: "nested-lock",
    class: "lockdep",
    start: /WARNING: Nested lock was not taken/i,
    title: "WARNING: nested lock was not taken in {f}",
    blame: "locks",
  },
  {
    kind: "lock-key",
    class: "lockdep",
    start: /INFO: trying to register non-static key/,
    title: "INFO: trying to register non-static key in {f}",
    skip: /stack|lock|IRQ/,
  },
  {
    kind: "rcu-stall",
    class: "hang",
    start:
      /INFO: rcu_(?:preempt|sched|bh|tasks)\S* (?:self-)?detected(?: expedited)? stall|rcu_tasks_wait_gp/,
    title: "INFO: rcu detected stall in {f}",
    skip: /apic_timer_interrupt|rcu/,
    blame: "anchor",
  },
  {
    kind: "hung-task",
    class: "hang",
    start: /INFO: task .{1,60} blocked (?:in I\/O wait |on a \w+ )?for more than \d+ seconds/,
    title: "INFO: task hung in {f}",
    blame: "waiter",
  },
  {
    kind: "hung-task",
    class: "hang",
    start: /INFO: task .{1,60} can't die for more than/,
    title: "INFO: task can't die in {f}",
    skip: /schedule/,
  },
  {
    kind: "corrupted-lines",
    class: "warning",
    start: /INFO: (?:Freed|Allocated) in (\w+)/,
    title: "INFO: object state of {1}",
    blame: "line",
  },
  {
    kind: "general-protection-fault",
    class: "dos",
    start: /^(?:Oops: )?general protection fault(?! ip:)|general protection fault: 0000 \[#/,
    title: "general protection fault in {f}",
  },
  { kind: "stack-segment", class: "dos", start: /^stack segment: /, title: "stack segment fault in {f}" },
  {
    kind: "list-corruption",
    class: "memory_safety_bug",
    start: /list_(?:add|del)(?:_\w+)? corruption|^list_(?:add|del) (?:double|corruption)/,
    title: "BUG: corrupted list in {f}",
    herald: true,
    skip: /list_/,
  },
  {
    kind: "usercopy",
    class: "bug",
    start: /usercopy: [Kk]ernel memory (?:exposure|overwrite)/,
    title: "BUG: bad usercopy in {f}",
    herald: true,
    skip: /usercopy|^__check|check_heap_object|check_object_size/,
  },
  {
    kind: "refcount",
    class: "refcount_warning",
    start: /^refcount_t: /,
    title: "WARNING: refcount bug in {f}",
    herald: true,
    skip: /refcount|kobject_/,
  },
  {
    kind: "netdev-watchdog",
    class: "device",
    start: /NETDEV WATCHDOG: (.{1,60}): transmit queue \d+ timed out/,
    title: "NETDEV WATCHDOG: {1} transmit queue timed out",
    herald: true,
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
    kind: "double-fault",
    class: "dos",
    start: /PANIC: double fault|^(?:Oops: )?double fault: /,
    title: "PANIC: double fault in {f}",
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
  {
    kind: "stack-protector",
    class: "dos",
    start: /Kernel panic - not syncing: stack-protector:/,
    title: "kernel panic: stack is corrupted in {f}",
    skip: /stack_chk/,
    blame: "line",
  },
  {
    kind: "stack-end",
    class: "dos",
    start: /Kernel panic - not syncing: corrupted stack end/,
    title: "kernel panic: corrupted stack end in {f}",
    skip: /schedule|retint_kernel/,
    blame: "anchor",
  },
  {
    kind: "stack-overflow",
    class: "dos",
    start: /Kernel panic - not syncing: kernel stack overflow/,
    title: "kernel stack overflow in {f}",
    skip: /bad_stack/,
    blame: "anchor",
  },
  {
    kind: "module-assertion",
    class: "module-assertion",
    start:
      /(?:LustreError|Lustre): .*(?:LBUG|ASSERTION)|\b(?:VERIFY\d?|ASSERT\d?|VERIFY0)\(.{1,200}failed|PANIC at [\w./-]+:\d+:(\w+)\(\)|\bASSERTION? FAILED\b|ASSERT\(.{1,160}\) failed/,
    title: "assertion failed in {f}",
    skip: /^spl_|^lbug|libcfs/,
    blame: "line",
    herald: true,
  },
  {
    kind: "panic",
    class: "dos",
    start: /Kernel panic - not syncing: (.{1,120}?)(?: \.\.\.)?\s*$/,
    title: "kernel panic: {1}",
  },
  {
    kind: "divide-error",
    class: "dos",
    start: /^(?:Oops: )?divide[ _]error: /,
    title: "divide error in {f}",
  },
  {
    kind: "invalid-opcode",
    class: "dos",
    start: /^(?:Oops: )?invalid opcode: /,
    title: "invalid opcode in {f}",
  },
  { kind: "int3", class: "dos", start: /^(?:Oops: )?int3: /, title: "int3 in {f}" },
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
  {
    kind: "netdev-reference",
    single: true,
    class: "dos",
    start: /unregister_netdevice: waiting for \S+ to become free/,
    title: "unregister_netdevice: waiting for DEV to become free",
  },
  {
    kind: "vfs",
    single: true,
    class: "dos",
    start: /VFS: Close: file count is (?:0|zero)/,
    title: "VFS: Close: file count is zero (use-after-free)",
  },
  {
    kind: "vfs",
    single: true,
    class: "dos",
    start: /VFS: Busy inodes after unmount/,
    title: "VFS: Busy inodes after unmount (use-after-free)",
  },
  { kind: "internal-error", class: "dos", start: /^Internal error: /, title: "Internal error in {f}" },
  { kind: "unhandled-fault", class: "dos", start: /^Unhandled fault: /, title: "Unhandled fault in {f}" },
  { kind: "alignment-trap", class: "dos", start: /^Alignment trap: /, title: "Alignment trap in {f}" },
  {
    kind: "tx-hang",
    single: true,
    class: "device",
    start: /Detected Tx Unit Hang|tx_timeout: VSI_seid|\btx hang \d+ detected/i,
    title: "transmit unit hang",
  },
  {
    kind: "allocation-failure",
    class: "memory-pressure",
    start: /\S+: page allocation (?:failure|stalls)[.:]/,
    title: "page allocation failure in {f}",
    skip: /alloc|warn|dump/,
  },
  {
    kind: "out-of-memory",
    class: "memory-pressure",
    start: /\S+ invoked oom-killer: /,
    title: "out of memory in {f}",
    skip: /alloc|oom|dump|out_of_memory/,
  },
];

/** A quick test that most lines fail, so that the rules are tried on few. */
export const mayStartEvent =
  /BUG|WARNING: |INFO: |panic|PANIC|[Uu]nable to handle|general protection|KASAN|UBSAN|stack segment|divide|invalid opcode|int3: |corruption|usercopy|refcount_t|NETDEV WATCHDOG|locking dependency|lock inversion|lock order|LOCKUP|lockup|unregister_netdevice|VFS: |Internal error|Unhandled fault|Alignment trap|Tx Unit|tx_timeout|tx hang|allocation |oom-killer|ASSERT|VERIFY|unreferenced object|double fault|guard page|^list_/;
