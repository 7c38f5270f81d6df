// All that a ranking is made from.
import type { ChangeSet } from "../changes/change-set.js";
import type { SourceFile } from "../source/source-file.js";
import type { CallGraph } from "./call-graph.js";
import type { Trace } from "./sights.js";

export interface Clues {
  /** Good to bad. */
  changes: Pick<ChangeSet, "units">;
  /** Of the bad tree. */
  graph: CallGraph;
  traces: readonly Trace[];
  /** Bad to the release that is good again. */
  fix?: Pick<ChangeSet, "units">;
  /** A driver that shares code with this one: the kernel's own copy, or another of the vendor. */
  sibling?: readonly SourceFile[];
}
