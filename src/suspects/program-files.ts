// Vendors ship their tools beside the driver; what fails in the kernel is in none of them.
import type { CallGraph } from "./call-graph.js";

/** Headers of the C library that no kernel code includes, unless it is also built as a program. */
const library = /^[ \t]*#[ \t]*include[ \t]*<(?:stdio|stdlib|unistd|getopt|pthread)\.h>/m;
const kernel = /_KERNEL(?:__)?\b|^[ \t]*#[ \t]*include[ \t]*<linux\/(?:module|kernel|slab|sched)\.h>/m;

/** The files that are built as programs only. */
export function programFiles({ sources }: CallGraph): Set<string> {
  const programs = sources.filter(({ text }) => library.test(text) && !kernel.test(text));
  return new Set(programs.map(({ path }) => path));
}
