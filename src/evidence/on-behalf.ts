// Every kernel crash passes through code that only reports, allocates, locks, copies or waits on another's behalf.
// Facts about Linux, the same that syzbot's titles rest on.

/** Functions that act on another's behalf, by what they do. */
const onBehalf: readonly RegExp[] = [
  // reporting
  /^(?:__)?(?:show_stack|dump_stack|dump_backtrace|show_regs|show_trace|print_address|describe_address|__warn|warn_|report_bug|report_address|fixup_bug|handle_bug|panic|die|oops_|__die|__bug|bug_|do_invalid_op|invalid_op|do_trap|do_error_trap|exc_|asm_exc_|page_fault|async_page_fault|do_page_fault|no_context|bad_area|fault_in_kernel|kernelmode_fixup|check_panic|end_report|fail_dump|fail_|should_fail|object_err|slab_err|print_trailer|arch_stack_walk|stack_trace_|save_stack|save_trace|nmi_|trigger_|rcu_dump|sched_show_task|die_kernel)/,
  /panic|print_report|walk_stack|stack_trace|dump_stack|(?:^|_)dump_trace|print_tainted|get_taint|program_check|fortify_|might_(?:fault|sleep|resched)|error_entry|error_code|invalid_op|hex_dump|assertfail|__phys_addr|virt_to_phys|check_heap|check_object|usercopy_abort|kernel_fault|mem_abort|^el1[_h]|^do_(?:kernel|translation)_fault|do_bad_area|trace_hardirqs|trace_softirqs|bad_range|_trap$|walk_stackframe|unwind_(?:backtrace|frame|next)|warn_bogus/,
  // sanitizers and lock checking
  /kasan|hwasan|kmsan|kcsan|kfence|ubsan|sanitizer|__asan|__msan|__tsan|check_memory_region|kmemleak|lockdep|^debug_|debug_object|_is_static_object|(?:read|write)_once_.*nocheck|read_word_at_a_time|ref_tracker|_bh_(?:en|dis)able|local_bh|bh_(?:en|dis)able|lock_acquire|lock_release|lock_class|mark_lock|held_locks|check_(?:prev|noncircular|deadlock|usage|irq)|validate_chain|register_lock|print_(?:circular|unlock|usage|irq|deadlock)|imbalance_bug|kcov|perf_trace|trace_event_raw/,
  // locks, atomics, reference counts
  /spin_(?:lock|unlock|trylock|rq)|raw_spin|(?:read|write)_(?:lock|trylock|unlock)(?!_held)|^_?_?(?:down|up)(?:_read|_write|_trylock)?(?:_|$)|^_*(?:rt_)?mutex_|rwsem|osq_(?:un)?lock|owner_on_cpu|atomic(?:64)?_(?:dec|inc|read|set|or|xor|and|add|sub|fetch|xchg|cmpxchg|try)|(?:set|clear|change|test)_bit|^refcount_|^kref_|seqprop|^(?:un)?lock_page|__wake_up|^complete$|wait_for_completion|finish_wait|cmpxchg/,
  // memory: allocators and their pages
  /k?v?[mzc]alloc|krealloc|alloc_(?:frozen_)?pages|alloc_\w*noprof|alloc_page|get_page_from_freelist|slab_|allocate_slab|kmem_cache|^k?v?z?free$|kfree_skb|^__free_pages|free_pages|folio_(?:alloc|unlock)|filemap_(?:get|alloc)|__filemap_get_folio|find_or_create_page|do_read_cache_folio|read_cache_page|pagecache_get|grab_cache_page|find_lock_entries|truncate_inode_pages_range|mark_buffer_dirty|xas_(?:start|load|find)|^rb_|^__rb_|rhashtable_lookup|ida_free|^klist_|print_address|mempool_/,
  // copies, strings, lists, numbers, formatting
  /mem(?:cpy|cmp|set|chr|move|dup)|str(?:n|l|s)?(?:cmp|cpy|len|str|chr|dup|cat|scpy)|copy_(?:to|from)_(?:user|iter)|copy_page_(?:to|from)|copy_folio_to|^copy(?:in|out)$|(?:put|get)_user(?!_pages)|csum_partial|list_(?:add|del|replace|move|splice)|string|pointer|s[cn]*printf|printk|va_format|^_?dev_(?:info|notice|warn|err|alert|crit|emerg)|^crc\d|crc_itu_t|(?:read|write)[bwlq]$|logic_(?:in|out)|indirect_thunk|retpoline|extract_(?:user|iter)_to_sg/,
  // timers, work, devices, taking apart
  /del_timer|timer_delete|mod_timer|lock_timer_base|stop_timer|flush_work|cancel_work_sync|__cancel_work|insert_work|queue_work|queue_delayed|(?:flush|drain|destroy)_workqueue|try_to_grab_pending|kthread_stop|kobject_|uevent_var|^device_(?:add|del|unregister|destroy|release|for_each|remove_file)|get_device_parent|devres_release|unregister_netdev|rollback_registered|sysfs_remove|__unregister_client|hwrng_unregister|i2c_del_adapter|tty_unregister_device|dummy_urb_enqueue|usb_(?:kill|control_msg|submit_urb|hcd_submit)|^i(?:put|put_final|hold)$|^put_device$|^(?:fast_)?dput|drop_nlink|cleanup_srcu_struct/,
];

/** Whether a function acts on another's behalf only, so is never the one to look at. */
export function actsOnBehalf(name: string): boolean {
  return onBehalf.some((pattern) => pattern.test(name));
}
