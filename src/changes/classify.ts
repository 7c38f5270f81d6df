// What kind of change a pair of texts is. Comments and blanks are told apart from code by tokens, not by lines.
import { isSameCode } from "../source/code-tokens.js";
import type { ChangeClass } from "./change-set.js";
import { conditionText, textOf, type Placed } from "./match-units.js";

/** Empty when both are the same text under the same condition. */
export function classify(before: Placed, after: Placed): ChangeClass[] {
  const classes: ChangeClass[] = [];
  if (!isSameCondition(before.unit.condition, after.unit.condition)) classes.push("condition");
  const [oldText, newText] = [textOf(before), textOf(after)];
  if (oldText === newText) return classes;
  const isFunction = before.unit.bodySpan !== undefined && after.unit.bodySpan !== undefined;
  if (isFunction) {
    if (!isSameCode(headerOf(before), headerOf(after))) classes.push("signature");
    if (!isSameCode(bodyOf(before), bodyOf(after))) classes.push("body");
  } else if (!isSameCode(oldText, newText)) classes.push("definition");
  return classes.some((one) => one !== "condition") ? classes : [...classes, noise(oldText, newText)];
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

function bodyOf({ file, unit }: Placed): string {
  return file.text.slice(unit.bodySpan?.startOffset, unit.bodySpan?.endOffset);
}
