// What kind of change a pair of texts is. Comments and blanks are told apart from code by tokens, not by lines.
import { codeTokens } from "../source/code-tokens.js";
import type { ChangeClass } from "./change-set.js";
import { conditionOf, textOf, type Placed } from "./match-units.js";

/** Empty when both are the same text under the same condition. */
export function classify(before: Placed, after: Placed): ChangeClass[] {
  const classes: ChangeClass[] = [];
  if (conditionOf(before.unit) !== conditionOf(after.unit)) classes.push("condition");
  const [oldText, newText] = [textOf(before), textOf(after)];
  if (oldText === newText) return classes;
  const isFunction = before.unit.bodySpan !== undefined && after.unit.bodySpan !== undefined;
  if (isFunction) {
    if (!sameCode(headerOf(before), headerOf(after))) classes.push("signature");
    if (!sameCode(bodyOf(before), bodyOf(after))) classes.push("body");
  } else if (!sameCode(oldText, newText)) classes.push("definition");
  return classes.some((one) => one !== "condition") ? classes : [...classes, noise(oldText, newText)];
}

/** The class of two texts outside units, undefined when equal. */
export function classifyText(before: string, after: string): ChangeClass | undefined {
  if (before === after) return undefined;
  return sameCode(before, after) ? noise(before, after) : "definition";
}

function sameCode(before: string, after: string): boolean {
  if (before === after) return true;
  const [olds, news] = [codeTokens(before), codeTokens(after)];
  return olds.length === news.length && olds.every((token, at) => token === news[at]);
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
