// Each kind of event by the words that kernels of different ages and machines have for it.
import { expect, test } from "vitest";
import { readKernelLog } from "../../src/evidence/kernel-log.js";

const wordings: Record<string, string[]> = {
  "null-pointer-dereference null-pointer-dereference": [
    "BUG: unable to handle kernel NULL pointer dereference at 0000000000000010",
    "BUG: kernel NULL pointer dereference, address: 0000000000000010",
    "BUG: Kernel NULL pointer dereference on read at 0x00000028",
    "Unable to handle kernel NULL pointer dereference at virtual address 00000010",
    "BUG: unable to handle kernel NULL pointer",
  ],
  "page-fault memory_safety_bug": [
    "BUG: unable to handle page fault for address: ffffb0c1001d7c98",
    "BUG: unable to handle kernel paging request at ffffb0c1001d7c98",
    "Unable to handle kernel write to read-only memory at virtual address ffff800",
    "BUG: Unable to handle kernel instruction fetch (NULL pointer?)",
    "CPU 0 Unable to handle kernel paging request at virtual address 0000000c, epc == 83a4c15c",
  ],
  "general-protection-fault dos": [
    "general protection fault: 0000 [#1] SMP NOPTI",
    "general protection fault, probably for non-canonical address 0xdead000000000122: 0000 [#1] SMP",
    "Oops: general protection fault, maybe for address 0x0: 0000 [#1] PREEMPT SMP",
  ],
  "invalid-opcode dos": ["invalid opcode: 0000 [#5] SMP", "Oops: invalid opcode: 0000 [#1] SMP"],
  "divide-error dos": ["divide error: 0000 [#1] SMP", "Oops: divide error: 0000 [#1] SMP"],
  "double-fault dos": ["PANIC: double fault, error_code: 0x0", "traps: PANIC: double fault"],
  "oops dos": ["Oops: 0002 [#1] SMP", "Oops[#1]:"],
  "internal-error dos": ["Internal error: Oops: 96000004 [#1] SMP"],
  "kernel-bug bug": ["kernel BUG at mm/slub.c:305!", "kernel BUG at /build/demo/src/demo_txrx.c:1234!"],
  "warning warning": [
    "WARNING: CPU: 3 PID: 41 at drivers/net/demo_main.c:123 demo_open+0x12/0x34 [demo]",
    "WARNING: at net/sched/sch_generic.c:261 dev_demo+0x26b/0x280() (Not tainted)",
    "WARNING: drivers/net/demo.c:123 at demo_open+0x12/0x34, CPU#3: modprobe/123",
  ],
  "panic dos": [
    "Kernel panic - not syncing: Out of memory: system-wide panic_on_oom is enabled",
    "Kernel panic - not syncing: sysrq triggered crash",
  ],
  "kasan-invalid-free kasan-invalid-free": [
    "BUG: KASAN: double-free or invalid-free in demo_free+0x12/0x34 [demo]",
    "BUG: KASAN: double-free in demo_free+0x12/0x34 [demo]",
  ],
  "kasan kasan-use-after-free-read": [
    "BUG: KASAN: slab-use-after-free in demo_clean+0x12/0x34 [demo]",
    "BUG: KASan: use after free in demo_clean+0x12/0x34 at addr ffff8801",
  ],
  "kasan kasan-read": ["BUG: KASan: out of bounds access in demo_clean+0x12/0x34 at addr ffff8801"],
  "kfence kfence-use-after-free-read": ["BUG: KFENCE: use-after-free read in demo_clean+0x12/0x34 [demo]"],
  "kfence kfence-write": ["BUG: KFENCE: out-of-bounds write in demo_clean+0x12/0x34 [demo]"],
  "kmsan kmsan-uninit-value": ["BUG: KMSAN: uninit-value in demo_clean+0x12/0x34 [demo]"],
  "kcsan kcsan-datarace": ["BUG: KCSAN: data-race in demo_clean / demo_poll"],
  "ubsan-index memory_safety_ubsan": ["UBSAN: array-index-out-of-bounds in /build/demo/src/demo.c:12:3"],
  "ubsan ubsan": [
    "UBSAN: shift-out-of-bounds in drivers/demo.c:12:3",
    "UBSAN: Undefined behaviour in drivers/demo.c:12:3",
  ],
  "circular-lock lockdep": [
    "WARNING: possible circular locking dependency detected",
    "[ INFO: possible circular locking dependency detected ]",
    "WARNING: possible recursive locking detected",
  ],
  "lock-order lockdep": ["WARNING: HARDIRQ-safe -> HARDIRQ-unsafe lock order detected"],
  "lock-state lockdep": ["WARNING: inconsistent lock state", "[ INFO: inconsistent lock state ]"],
  "rcu-usage lockdep": ["WARNING: suspicious RCU usage"],
  "atomic-sleep atomic_sleep": [
    "BUG: sleeping function called from invalid context at mm/slab.h:421",
    "BUG: sleeping function called from invalid",
  ],
  "atomic-schedule atomic_sleep": ["BUG: scheduling while atomic: iperf3/1234/0x00000100"],
  "spinlock lockdep": ["BUG: spinlock bad magic on CPU#1, modprobe/123"],
  "soft-lockup hang": [
    "BUG: soft lockup - CPU#3 stuck for 22s! [ksoftirqd/3:21]",
    "NMI watchdog: BUG: soft lockup - CPU#3 stuck for 22s! [ksoftirqd/3:21]",
  ],
  "hard-lockup hang": [
    "NMI watchdog: Watchdog detected hard LOCKUP on cpu 3",
    "NMI: Watchdog detected LOCKUP on CPU 3",
    "watchdog: CPU 3 self-detected hard LOCKUP @ demo_poll+0x1/0x2",
  ],
  "hung-task hang": [
    "INFO: task modprobe:512 blocked for more than 120 seconds.",
    "INFO: task modprobe:512 blocked for more than",
    "Lustre: demo_io00_03: service thread pid 1234 was inactive for 40.816 seconds.",
  ],
  "rcu-stall hang": [
    "INFO: rcu_sched self-detected stall on CPU { 3}  (t=5250 jiffies g=1 c=0 q=1)",
    "rcu: INFO: rcu_preempt self-detected stall on CPU",
    "rcu: INFO: rcu_sched detected expedited stalls on CPUs/tasks: { 3-... } 21 jiffies s: 1",
    "INFO: rcu_tasks detected stalls on tasks:",
  ],
  "refcount refcount_warning": ["refcount_t: underflow; use-after-free."],
  "list-corruption memory_safety_bug": [
    "list_del corruption. prev->next should be ffff88, but was ffff99",
    "list_del corruption, ffff->next is LIST_POISON1 (dead000000000100)",
  ],
  "usercopy bug": ["usercopy: Kernel memory overwrite attempt detected to SLUB object 'kmalloc-512'"],
  "bad-page memory_safety_bug": ["BUG: Bad page state in process swapper/57  pfn:7d518e"],
  "slab-object memory_safety_bug": [
    "BUG kmalloc-64 (Tainted: G           OE     ): Redzone overwritten",
    "BUG demo_cache (Not tainted): Poison overwritten",
    "Slab corruption (Tainted: G O): size-64 start=ffff88, len=64",
  ],
  "netdev-watchdog device": ["NETDEV WATCHDOG: eth0 (demo_nic): transmit queue 3 timed out"],
  "tx-hang device": [
    "demo_nic 0000:3b:00.0 ens1f0: Detected Tx Unit Hang",
    "demo_nic 0000:00:1f.6 eth0: Detected Hardware Unit Hang:",
    "demo_nic 0000:3b:00.0 ens1f0: tx_timeout: VSI_seid: 390, Q 5, NTC: 0x12",
    "demo_nic 0000:3b:00.0: TX driver issue detected, PF reset issued",
    "demo_nic 0000:3b:00.0 eth0: TX timeout on queue: 3, SQ: 0x12",
    "demo_nic 3-1:1.0 eth2: Tx timeout",
  ],
  "allocation-failure memory-pressure": [
    "ksoftirqd/3: page allocation failure: order:0, mode:0x1080020(GFP_ATOMIC), nodemask=(null)",
    "swapper/3: page allocation failure. order:2, mode:0x20",
  ],
  "out-of-memory memory-pressure": ["iperf3 invoked oom-killer: gfp_mask=0x100cca, order=0"],
  "memory-leak leak": ["unreferenced object 0xffff888101 (size 512):", "BUG: memory leak"],
  "suspected-leaks leak": ["kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)"],
  "module-assertion module-assertion": [
    "LustreError: 35:0:(lu_object.c:2472:demo_assign()) LBUG",
    "VERIFY3(a >= b) failed (1 >= 2)",
    "(demo_handler.c:58:demo_get()) LBUG",
    "ASSERTION( lock->granted == 0 ) failed:",
    "block drbd0: ASSERT( state == D_FAILED ) in /build/demo_main.c:123",
  ],
  "hardware-error hardware": ["mce: [Hardware Error]: Machine check events logged"],
  "netdev-reference dos": ["unregister_netdevice: waiting for eth0 to become free. Usage count = 1"],
};

test.each(Object.entries(wordings))("%s", (expected, lines) => {
  const seen = lines.map((line) => readKernelLog(line).map((e) => `${e.kind} ${e.class}`));
  expect(seen).toEqual(lines.map(() => [expected]));
});

test.each(Object.entries(wordings))("%s, indented as in a mail", (expected, lines) => {
  const seen = lines.map((line) => readKernelLog(`    ${line}`).map((e) => `${e.kind} ${e.class}`));
  expect(seen).toEqual(lines.map(() => [expected]));
});

test("a driver before its device is known by name", () => {
  const lines = wordings["tx-hang device"] ?? [];
  expect(lines.map((line) => readKernelLog(line)[0]?.driver)).toEqual(lines.map(() => "demo_nic"));
});

test.each([
  "demo_nic 0000:3b:00.0: WARNING: MFS for port 0x0 has been set below the default: 600",
  "systemd[1]: Started demo.service",
  "traps: app[3615] general protection fault ip:7feb96eb56a1 sp:20000fd0 error:0 in app[7f+1000]",
  "perf: interrupt took too long (2510 > 2500), lowering kernel.perf_event_max_sample_rate",
  "demo_nic 0000:3b:00.0 ens1f0: NIC Link is Up 10 Gbps Full Duplex, Flow Control: None",
  "Out of memory: Killed process 1234 (iperf3) total-vm:1kB",
  "[drm] panic_on_warn is not set",
])("%s is no event", (line) => {
  expect(readKernelLog(line)).toEqual([]);
});
