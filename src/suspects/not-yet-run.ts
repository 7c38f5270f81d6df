// A backtrace also says what had not happened yet: the function stood in the middle of one call, so that what it calls
// further down had not run this time.
import type { CallGraph } from "./call-graph.js";

/**
 * Tells whether `callee` is called only behind the calls of `caller` that the traces stand in. False where the text
 * does not tell: the call is made by a macro, a pointer or in a function that the compiler inlined.
 */
export function notYetRun(
  inside: ReadonlyMap<string, ReadonlySet<string>>,
  graph: CallGraph,
): (caller: string, callee: string) => boolean {
  const rests = new Map([...inside].map(([caller, calls]) => [caller, restOf(caller, calls, graph)]));
  return (caller, callee) => {
    const rest = rests.get(caller);
    return rest !== undefined && rest.after.has(callee) && !rest.before.has(callee);
  };
}

interface Rest {
  before: ReadonlySet<string>;
  after: ReadonlySet<string>;
}

/** The words of a function up to the last of these calls, and behind it. */
function restOf(caller: string, calls: ReadonlySet<string>, { sources, files }: CallGraph): Rest | undefined {
  const file = sources.find(({ path }) => path === files.get(caller));
  const unit = file?.units.findLast(({ kind, name }) => kind === "function" && name === caller);
  if (file === undefined || unit === undefined) return undefined;
  const words = file.text.slice(unit.bodySpan?.startOffset, unit.span.endOffset).match(/[A-Za-z_]\w*/g) ?? [];
  const last = words.findLastIndex((word) => calls.has(word));
  return last < 0
    ? undefined
    : { before: new Set(words.slice(0, last + 1)), after: new Set(words.slice(last + 1)) };
}
