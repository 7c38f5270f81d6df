// Which function of an event is named for it. Every kernel crash passes through code that only reports, allocates,
// locks, copies or waits on another's behalf; the first function that is none of these is the one to look at.
import type { KernelEvent } from "./kernel-event.js";
import type { StackFrame } from "./stack-frame.js";
import type { SymptomRule } from "./symptom-rules.js";

/** Functions that act on another's behalf, by what they do. Facts about Linux, checked against syzbot's titles. */
const onBehalf: readonly RegExp[] = [
  // reporting
  /^(?:__)?(?:show_stack|dump_stack|dump_backtrace|show_regs|show_trace|print_address|describe_address|__warn|warn_|report_bug|report_address|fixup_bug|handle_bug|panic|die|oops_|__die|__bug|bug_|do_invalid_op|invalid_op|do_trap|do_error_trap|exc_|asm_exc_|page_fault|async_page_fault|do_page_fault|no_context|bad_area|__bad_area|fault_in_kernel|kernelmode_fixup|check_panic|end_report|fail_dump|fail_|should_fail|object_err|slab_err|print_trailer|arch_stack_walk|stack_trace_|save_stack|save_trace|nmi_|trigger_|rcu_dump|sched_show_task|die_kernel)/,
  /print_report|unwind|stack_trace|dump_stack|(?:^|_)dump_trace|print_tainted|program_check|fortify_|might_(?:fault|sleep|resched)|error_entry|error_code|invalid_op|hex_dump|assertfail|__phys_addr|check_heap|check_object_size|kernel_fault|mem_abort|^el1|^do_(?:kernel|translation)_fault|trace_hardirqs|bad_range/,
  // sanitizers and lock checking
  /kasan|kmsan|kcsan|kfence|ubsan|sanitizer|__asan|__msan|__tsan|check_memory_region|kmemleak|lockdep|^debug_|debug_object|ref_tracker|_bh_(?:en|dis)able|local_bh|lock_acquire|lock_release|lock_class|mark_lock|held_locks|check_(?:prev|noncircular|deadlock|usage|irq)|validate_chain|register_lock|print_(?:circular|unlock|usage|irq|deadlock)|imbalance_bug|kcov|perf_trace|trace_event_raw/,
  // locks, atomics, reference counts
  /spin_(?:lock|unlock|trylock)|raw_spin|(?:read|write)_(?:lock|trylock|unlock)|^_?_?(?:down|up)(?:_read|_write)?(?:_|$)|^_*(?:rt_)?mutex_|rwsem|osq_(?:un)?lock|owner_on_cpu|queued_|atomic(?:64)?_|_bit(?:$|_lock)|^refcount_|^kref_|seqprop|^(?:un)?lock_page|^__wake_up|complete$|wait_for_completion|finish_wait|cmpxchg/,
  // memory: allocators and their pages
  /k[mzc]?alloc|krealloc|kvmalloc|vmalloc|^v[mz]alloc|alloc_(?:frozen_)?pages|alloc_\w*noprof|alloc_page|pages_slowpath|get_page_from_freelist|slab_|kmem_cache|^k?v?z?free$|kfree|^__free_pages|free_pages|page_alloc|percpu_|pcpu_|folio_(?:alloc|unlock)|filemap_(?:get|alloc)|find_or_create_page|read_cache|pagecache_get|grab_cache|memblock|mempool|alloc_skb|^skb_(?:put|push|over|under|panic|pull)|^kfree_skb|reserve_memory|xas_|^rb_|^__rb_|^radix_tree|rhashtable_lookup|ida_free|klist_|print_address|lru_/,
  // copies, strings, lists, numbers, formatting
  /mem(?:cpy|cmp|set|chr|move|dup)|str(?:n|l|s)?(?:cmp|cpy|len|str|chr|dup|cat|scpy)|copy_(?:to|from)_|copy_page|copy_folio|copy_user|^copy(?:in|out)$|(?:put|get)_user|csum_partial|list_(?:add|del|replace|move|splice)|^string|^pointer|s[cn]*printf|printk|va_format|^dev_(?:info|notice|warn|err|printk|alert|crit|emerg)|^crc|^(?:read|write)[bwlq]$|logic_(?:in|out)|indirect_thunk|retpoline/,
  // timers, work, devices, taking apart
  /del_timer|timer_delete|mod_timer|lock_timer_base|stop_timer|(?:flush|cancel|queue|insert|grab)_(?:delayed_)?(?:work|pending)|_workqueue$|__cancel_work|try_to_grab|queue_delayed|kthread_stop|kobject_|uevent_var|^device_(?:add|del|unregister|destroy|release|for_each|remove)|get_device_parent|devres_release|unregister_netdev|rollback_registered|sysfs_remove|^__unregister_client|usb_(?:kill|submit|control|hcd_submit|start_wait)|^i(?:put|hold)|^d?put_device|dput|drop_nlink|call_rcu|rcu_(?:read|barrier|lock)|synchronize_/,
];

const entry =
  /^(?:SYSC_|SyS_|sys_|__x64_|__ia32_|__arm64_|_{2,4}sys_|__se_|__do_sys_|compat_SYSC_|compat_SyS_|ksys_)/;
/** Code that dispatches: the function that it called names a hang better than wherever the loop was seen. */
const anchors =
  /^(?:__)?(?:process_one_work|worker_thread|do_syscall_|do_fast_syscall_|sysenter_dispatch|entry_|tracesys|el0_|invoke_syscall|ret_fast_syscall|ret_from_fork|netif_receive_skb|do_softirq|call_timer_fn|_?run_timers|run_timer_softirq|hrtimer_run|run_ksoftirqd|smpboot_thread_fn|kthread$|start_secondary|cpu_startup_entry|vfs_(?:read|write|iter_read|iter_write|ioctl|open)|do_iter_(?:read|write)|call_(?:read|write)_iter|new_sync_|(?:k|compat_)?(?:sys_)?ioctl$|ksys_ioctl|compat_ioctl|compat_sys_ioctl|blkdev_(?:driver_)?ioctl|call_mmap|mmap_region|do_mmap|do_dentry_open|sock_(?:sendmsg|recvmsg|release|mmap|do_ioctl|ioctl|common_setsockopt)|setsockopt$|kernel_(?:setsockopt|listen)|listen$|accept$|sk_common_release|compat_sock_ioctl|nfnetlink_rcv_msg|rtnetlink_rcv_msg|netlink_dump|(?:sys_)?(?:socketpair|connect)|do_fault|do_page_fault|page_fault$|fput|task_work_run|exit_to_usermode|tasklet_(?:hi_)?action)|smp_call_function/;
const waiting =
  /sched|_lock|_slowlock|down|rwsem|completion|kthread|wait|synchronize|context_switch|__switch_to|cancel_delayed|rcu_barrier/;
const interruptEntry =
  /apic_timer_interrupt|sysvec_|asm_sysvec|el1_irq|el1h_64_irq|gic_handle|asm_common_interrupt|^common_interrupt|ret_from_intr|handle_arch_irq|call_on_irq_stack|do_interrupt_handler|irq_exit/;

/** The blamed function of an event, or undefined when its stack names none. */
export function blame(event: KernelEvent, rule: SymptomRule): string | undefined {
  const found = find(event, rule);
  return found === undefined ? undefined : withoutEntry(found);
}

function find(event: KernelEvent, rule: SymptomRule): string | undefined {
  const pointed = event.named !== undefined && !isGeneric(event.named, rule) ? event.named : undefined;
  if ((rule.blame === "line" || rule.blame === "locks") && pointed !== undefined) return pointed;
  const frames = candidates(event);
  if (rule.blame === "waiter") {
    const bucket = frames.find((f) => /rtnl_lock|synchronize_(?:rcu|srcu|net|sched)/.test(f));
    if (bucket !== undefined) return bucket.includes("rtnl") ? "rtnl_lock" : "synchronize_rcu";
    return frames.find((f) => !waiting.test(f) && !isGeneric(f, rule));
  }
  if (rule.blame === "anchor") return besideAnchor(frames) ?? frames.find((f) => !isGeneric(f, rule));
  return pointed ?? frames.find((f) => !isGeneric(f, rule)) ?? event.named;
}

/** These print a stack of their own accord; a register dump inside it belongs to whom they interrupted. */
const reportsItself =
  /^(?:kasan|kmsan|kcsan|kfence|lockdep|leak|atomic_sleep|ubsan|memory_safety_ubsan|memory-pressure)/;

/** Reliable functions from where it went wrong outwards: after the instruction pointer that was in the kernel. */
function candidates(event: KernelEvent): string[] {
  const useIp = event.ip !== undefined && !reportsItself.test(event.class) && event.kind !== "bad-page";
  const from = useIp ? (event.frameIndexOfIp ?? 0) : 0;
  const outwards = reliable(event.frames.slice(from));
  const names = (outwards.length > 0 ? outwards : reliable(event.frames)).map((f) => f.function);
  return useIp && event.ip !== undefined ? [event.ip.function, ...names] : names;
}

function reliable(frames: readonly StackFrame[]): readonly StackFrame[] {
  const sure = frames.filter((frame) => frame.reliable);
  const main = sure.filter((frame) => frame.stack === "main");
  return main.length > 0 ? main : sure.filter((frame) => frame.stack !== "headline");
}

function besideAnchor(frames: readonly string[]): string | undefined {
  let from = 0;
  frames.forEach((f, i) => (from = interruptEntry.test(f) ? i + 1 : from));
  const outside = from < frames.length ? frames.slice(from) : frames;
  for (const [i, frame] of outside.entries()) {
    if (frame.includes("smp_call_function")) return "smp_call_function";
    if (anchors.test(frame)) return i > 0 ? outside[i - 1] : frame;
  }
  return undefined;
}

function isGeneric(name: string, rule: SymptomRule): boolean {
  return onBehalf.some((pattern) => pattern.test(name)) || rule.skip?.test(name) === true;
}

/** syzbot names a system call by its bare name, whatever wrapper the machine adds. */
function withoutEntry(name: string): string {
  return name.replace(entry, "");
}
