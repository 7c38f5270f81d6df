// Which slot a line of a mixed file came from.
import type { BuildError } from "../../build/build-errors.js";
import type { Cutting } from "../plan-split.js";

/** The slot (index) that holds an error's line in the tree with `applied` slots; undefined when it names no file of it. */
export function slotOfError(
  { slots }: Pick<Cutting, "slots">,
  error: BuildError,
  applied: ReadonlySet<number>,
): number | undefined {
  const { file, line } = error;
  if (file === undefined || line === undefined) return undefined;
  let left = line;
  for (const [index, slot] of slots.entries()) {
    if (slot.file !== file) continue;
    const text = (applied.has(index) ? slot.new : slot.old)?.text ?? "";
    const lines = countLineEnds(text);
    // A slot that ends inside the line holds its beginning.
    if (left <= lines || (left === lines + 1 && text !== "" && !text.endsWith("\n"))) return index;
    left -= lines;
  }
  return undefined;
}

function countLineEnds(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}
