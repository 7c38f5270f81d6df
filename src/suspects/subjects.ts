// Kinds of failure and the words of code that has to do with each, as data: by the report's kind, by who called, by where
// the kernel stopped, by class.

/** Words of code that has to do with a kind of failure, and what to call it. */
export interface Subject {
  words: RegExp;
  about: string;
  /** Whether the words are so narrow that few functions hold one. */
  narrow?: true;
  /** Whether memory was used after something let go of it: then the code that lets go is suspect too. */
  lifetime: boolean;
}

export const lifetime: Subject = {
  words: /ref|get_|put_|_put\b|_get\b|free|alloc|count|bias|kref|list_|cancel|rcu|release|destroy|NULL|hold/i,
  about: "lifetime (references, allocation, freeing)",
  lifetime: true,
};
/** Whole pages that are free too early or never: it is their reference count, which only such lines touch. */
export const pages: Subject = {
  words:
    /page_ref|page_count|pagecnt|(?:get|put|free|alloc|split)_pages?\b|page_(?:frag|pool)|\bpages?_(?:get|put|offset)|compound/i,
  about: "references to pages",
  narrow: true,
  lifetime: true,
};
const locking: Subject = {
  words: /lock|irq|wait|complet|mutex|sched|sleep|preempt|GFP_|wake|timer|work\b/i,
  about: "locking and waiting",
  lifetime: false,
};
const bounds: Subject = {
  words: /len|size|count|copy|index|offset|max|min|sizeof|<<|>>|memset|memcpy/i,
  about: "sizes and bounds",
  lifetime: false,
};

/** A timer or a callback that ran when its memory was gone: only whoever armed it or should have waited knows of it. */
const timers: Subject = {
  words: /timer|delayed_work|jiffies/,
  about: "timers",
  narrow: true,
  lifetime: true,
};
const callbacks: Subject = {
  words: /rcu|kmem_cache_(?:create|destroy)/,
  about: "RCU",
  narrow: true,
  lifetime: true,
};
const workItems: Subject = {
  words: /_work\b|INIT_WORK|INIT_DELAYED_WORK|workqueue/,
  about: "work items",
  narrow: true,
  lifetime: true,
};

// What only some statements can set off. A corrupt list or reference is not among them: whoever freed too early did it.

const perCpu: Subject = {
  words: /this_cpu|raw_cpu|per_cpu|smp_processor_id|(?:get|put)_cpu\b|preempt_(?:dis|en)able/,
  about: "data of one CPU",
  narrow: true,
  lifetime: false,
};
const shifts: Subject = {
  words: /<<|>>|shift|\bBIT(?:_ULL)?\(/i,
  about: "shifts",
  narrow: true,
  lifetime: false,
};
const division: Subject = {
  words: /\w\)? [/%] [\w(]|[/%]=|\bdo_div|div(?:64)?_\w+\(|DIV_ROUND|sector_div|roundup|rounddown/,
  about: "division",
  narrow: true,
  lifetime: false,
};
const userCopies: Subject = {
  words: /copy_(?:to|from)_(?:user|iter)|(?:get|put)_user\b|usercopy|KMEM_CACHE|kmem_cache_create/i,
  about: "copies to and from user memory",
  narrow: true,
  lifetime: false,
};
export const byKind: ReadonlyMap<string, Subject> = new Map([
  ["preemptible", perCpu],
  ["divide-error", division],
  ["usercopy", userCopies],
]);

export const byHandler: readonly (readonly [RegExp, Subject])[] = [
  [/^check_preemption_disabled/, perCpu],
  [/^__ubsan_handle_shift_out_of_bounds/, shifts],
  [/^__ubsan_handle_divrem_overflow|^(?:exc|do)_divide_error/, division],
  [/^(?:usercopy_(?:abort|warn)|__check_(?:heap_)?object)/, userCopies],
  [/^(?:__queue_(?:delayed_)?work|delayed_work_timer_fn|insert_work)$/, workItems],
];

/** Who called what went wrong, where no function of the driver stands between. */
export const byCaller: readonly (readonly [RegExp, Subject])[] = [
  [
    /^(?:expire_timers|call_timer_fn|__?run_timers?|run_timer_softirq|run_timer_base|__hrtimer_run_queues)$/,
    timers,
  ],
  [/^(?:rcu_core|rcu_do_batch|rcu_process_callbacks|__rcu_process_callbacks|rcu_nocb_kthread)$/, callbacks],
  [/^(?:process_one_work|worker_thread|process_scheduled_works)$/, workItems],
];

export const byClass: readonly (readonly [RegExp, Subject])[] = [
  [/^(?:hang|lockdep|atomic_sleep|device)$/, locking],
  [
    /use-after-free|invalid-free|leak|refcount|memory_safety_bug|memory-pressure|null-pointer|^dos$/,
    lifetime,
  ],
  [/kasan|kfence|ubsan|kmsan|^bug$/, bounds],
];

/** Where the kernel stops says more than its headline: a lock that spins, a list that is corrupt, a copy too long. */
export const pagePlace =
  /bad_page|check_free_page|page_frag|free_pages|__alloc_pages|alloc_pages_current|put_page/;

export const byPlace: readonly (readonly [RegExp, Subject])[] = [
  [/usercopy|check_object_size|heap_object|skb_(?:over|under)_panic|^skb_p(?:ut|ush)$|fortify/, bounds],
  [/spin_lock|queued_spin|mutex_lock|rwsem|down_(?:read|write)|wait_for_completion|^schedule/, locking],
  [
    /list_(?:add|del)|^k?v?free$|kmem_cache_free|slab_free|refcount|kref|page_frag|put_page|free_pages|bad_page|dst_release|kfree_skb/,
    lifetime,
  ],
];
