// What kind of change a pair of texts is. Comments and blanks are told apart from code by tokens, not by lines.
import { isSameCode } from "../source/code-tokens.js";
import type { ChangeClass } from "./change-set.js";
import { conditionText, textOf, type Placed } from "./match-units.js";

/** Empty when both are the same text under the same condition. */
export function classify(before: Placed, after: Placed): ChangeClass[] {
  const classes = new Set<ChangeClass>();
  if (!isSameCondition(before.unit.condition, after.unit.condition)) classes.add("condition");
  const [oldText, newText] = [textOf(before), textOf(after)];
  if (oldText === newText) return [...classes];
  const code = codeClasses(before, after);
  for (const one of code.length > 0 ? code : [noise(oldText, newText)]) classes.add(one);
  return [...classes];
}

function codeClasses(before: Placed, after: Placed): ChangeClass[] {
  if (before.unit.bodySpan === undefined || after.unit.bodySpan === undefined)
    return isSameCode(textOf(before), textOf(after)) ? [] : ["definition"];
  const classes: ChangeClass[] = [];
  const [oldHeader, newHeader] = [headerOf(before), headerOf(after)];
  if (!isSameCode(oldHeader, newHeader))
    classes.push(
      isSameCode(withoutDirectives(oldHeader), withoutDirectives(newHeader)) ? "condition" : "signature",
    );
  if (!isSameCode(bodyOf(before), bodyOf(after))) classes.push("body");
  return classes;
}

function isSameCondition(before: readonly string[], after: readonly string[]): boolean {
  if (before.length === after.length && before.every((part, at) => part === after[at])) return true;
  return conditionText(before) === conditionText(after);
}

/** The class of two texts outside units, undefined when equal. */
export function classifyText(before: string, after: string): ChangeClass | undefined {
  if (before === after) return undefined;
  return isSameCode(before, after) ? noise(before, after) : "definition";
}

function noise(before: string, after: string): ChangeClass {
  const plain = (text: string): string => text.replace(/\\?\s+/g, "");
  return plain(before) === plain(after) ? "whitespace-only" : "comment-only";
}

function headerOf({ file, unit }: Placed): string {
  return file.text.slice(unit.span.startOffset, unit.bodySpan?.startOffset);
}

/** Of alternative headers only the #if lines may differ. */
function withoutDirectives(header: string): string {
  return header.replace(/^[ \t]*#(?:.*\\\r?\n)*.*/gm, "");
}

function bodyOf({ file, unit }: Placed): string {
  return file.text.slice(unit.bodySpan?.startOffset, unit.bodySpan?.endOffset);
}
