// Pages, slabs, lists and reference counts that are not what they should be, leaks, and memory that ran out.
import type { SymptomRule } from "../symptom-rule.js";

export const memory: readonly SymptomRule[] = [
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
    blame: "origin",
    skip: /(?:free|put|get|update|release)_page|free_unref|^_*folio|truncate_inode_pages|page_frag_free|alloc|vmap|page_owner|bad_page|free_pages/,
  },
  {
    kind: "bad-page-map",
    class: "memory_safety_bug",
    start: /BUG: Bad page map/,
    title: "BUG: Bad page map",
  },
  {
    kind: "memory-leak",
    class: "leak",
    start: /BUG: memory leak|^unreferenced object 0x/,
    title: "memory leak in {f}",
    skip: /kmemleak|mmap|kmem|slab|alloc|create_object|idr_get|list_lru_init|kasprintf|kvasprintf|pcpu_create|strdup|strndup|memdup/,
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
