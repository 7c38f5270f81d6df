// What the symptoms are about, told by the kernel's class and by the functions in which it stopped.
import type { KernelEvent } from "../evidence/kernel-event.js";
import type { Trace } from "./sights.js";

/** Words of code that has to do with a kind of failure, and what to call it. */
export interface Subject {
  words: RegExp;
  about: string;
  /** Whether the words are so narrow that few functions hold one. */
  narrow?: true;
  /** Whether memory was used after something let go of it: then the code that lets go is suspect too. */
  lifetime: boolean;
}

const lifetime: Subject = {
  words: /ref|get_|put_|_put\b|_get\b|free|alloc|count|bias|kref|list_|cancel|rcu|release|destroy|NULL|hold/i,
  about: "lifetime (references, allocation, freeing)",
  lifetime: true,
};
/** Whole pages that are free too early or never: it is their reference count, which only such lines touch. */
const pages: Subject = {
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

/** Who called what went wrong, where no function of the driver stands between. */
const byCaller: readonly (readonly [RegExp, Subject])[] = [
  [
    /^(?:expire_timers|call_timer_fn|__?run_timers?|run_timer_softirq|run_timer_base|__hrtimer_run_queues)$/,
    timers,
  ],
  [/^(?:rcu_core|rcu_do_batch|rcu_process_callbacks|__rcu_process_callbacks|rcu_nocb_kthread)$/, callbacks],
  [/^(?:process_one_work|worker_thread|process_scheduled_works)$/, workItems],
];

const byClass: readonly (readonly [RegExp, Subject])[] = [
  [/^(?:hang|lockdep|atomic_sleep|device)$/, locking],
  [
    /use-after-free|invalid-free|leak|refcount|memory_safety_bug|memory-pressure|null-pointer|^dos$/,
    lifetime,
  ],
  [/kasan|kfence|ubsan|kmsan|^bug$/, bounds],
];

/** Where the kernel stops says more than its headline: a lock that spins, a list that is corrupt, a copy too long. */
const pagePlace = /bad_page|check_free_page|page_frag|free_pages|__alloc_pages|alloc_pages_current|put_page/;

const byPlace: readonly (readonly [RegExp, Subject])[] = [
  [/usercopy|check_object_size|heap_object|skb_(?:over|under)_panic|^skb_p(?:ut|ush)$|fortify/, bounds],
  [/spin_lock|queued_spin|mutex_lock|rwsem|down_(?:read|write)|wait_for_completion|^schedule/, locking],
  [
    /list_(?:add|del)|^k?v?free$|kmem_cache_free|slab_free|refcount|kref|page_frag|put_page|free_pages|bad_page|dst_release|kfree_skb/,
    lifetime,
  ],
];

/** The subject of the first symptom that has one; prints of memory that is held are about lifetime. */
export function subjectOf(traces: readonly Trace[]): Subject | undefined {
  const stacks = traces.flatMap(({ evidence: { memleak = [], held = [] } }) => [
    ...memleak.flatMap((print) => print.stacks),
    ...held,
  ]);
  if (stacks.length > 0)
    return stacks.some(({ frames }) => frames.slice(0, 2).some((frame) => pagePlace.test(frame.function)))
      ? pages
      : lifetime;
  if (traces.some(({ evidence }) => evidence.events?.some(({ kind }) => kind === "bad-page"))) return pages;
  for (const event of traces.flatMap(({ evidence }) => evidence.events ?? [])) {
    const found = subjectOfEvent(event);
    if (found !== undefined) return found;
  }
  return undefined;
}

function subjectOfEvent(event: KernelEvent): Subject | undefined {
  if (/use-after-free|^leak$|lockdep|atomic_sleep/.test(event.class)) return classSubject(event);
  const stops = [event.ip, ...event.frames.filter((frame) => frame.reliable).slice(0, 4)];
  if (stops.every((stop) => stop?.module === undefined)) {
    const called = byCaller.find(([caller]) =>
      stops.some((stop) => stop !== undefined && caller.test(stop.function)),
    );
    if (called !== undefined) return called[1];
  }
  for (const stop of stops) {
    if (stop?.module !== undefined) break;
    const found = byPlace.find(([place]) => stop !== undefined && place.test(stop.function));
    if (found !== undefined) return found[1];
  }
  return classSubject(event);
}

function classSubject(event: KernelEvent): Subject | undefined {
  return byClass.find(([pattern]) => pattern.test(event.class))?.[1];
}
