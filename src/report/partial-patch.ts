// A patch of a few functions out of a release: it applies to the old tree as `git am` and `git apply` take it.
import { createTwoFilesPatch } from "diff";
import type { UnitChange } from "../changes/change-set.js";

export interface PartialPatch {
  text: string;
  /** Those that are in it. */
  functions: string[];
}

/**
 * The changes of these units, the first ones first, as long as they fit into `mostLines`. Only what replaces text of
 * the old tree has a place in it: added and moved units are left out.
 */
export function partialPatch(
  units: readonly UnitChange[],
  oldFiles: ReadonlyMap<string, string>,
  mostLines: number,
): PartialPatch | undefined {
  const taken: UnitChange[] = [];
  let lines = 0;
  for (const unit of units) {
    if (!fits(unit, oldFiles)) continue;
    const cost = unit.linesAdded + unit.linesRemoved + 10;
    if (lines + cost > mostLines) continue;
    lines += cost;
    taken.push(unit);
  }
  if (taken.length === 0) return undefined;
  const files = [...new Set(taken.map(({ file }) => file))];
  return {
    text: files.map((file) => filePatch(file, oldFiles.get(file)!, taken)).join(""),
    functions: taken.map(({ name }) => name),
  };
}

/** A name that git would quote is left out, and so is a unit that does not stand where it should. */
function fits(
  { file, oldFile, oldSpan, oldText, status }: UnitChange,
  oldFiles: ReadonlyMap<string, string>,
): boolean {
  if (status !== "changed" || oldFile !== undefined || oldSpan === undefined) return false;
  if (!/^[\w./+-]+$/.test(file)) return false;
  return oldFiles.get(file)?.slice(oldSpan.startOffset, oldSpan.endOffset) === oldText;
}

/** Each hunk says what it stands in, as git says it of files that it knows nothing of. */
function filePatch(file: string, oldText: string, units: readonly UnitChange[]): string {
  const own = units
    .filter((unit) => unit.file === file)
    .sort((a, b) => b.oldSpan!.startOffset - a.oldSpan!.startOffset);
  let text = oldText;
  for (const { oldSpan, newText } of own)
    text = text.slice(0, oldSpan!.startOffset) + newText + text.slice(oldSpan!.endOffset);
  const patch = createTwoFilesPatch(`a/${file}`, `b/${file}`, oldText, text, undefined, undefined, {
    context: 3,
  });
  const lines = oldText.split("\n");
  const shown = patch.replace(/^=+\n/, "").replace(/^@@ -(\d+).*$/gm, (head, first: string) => {
    const within = lines.slice(0, Number(first) - 1).findLast((line) => /^[A-Za-z_$](?!.*:\s*$)/.test(line));
    return within === undefined ? head : `${head} ${within.trimEnd().slice(0, 80)}`;
  });
  return `diff --git a/${file} b/${file}\n${shown}`;
}
