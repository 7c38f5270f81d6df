import { basename } from "node:path";
import { verdictNow, type Rejudged } from "../step/judge-kept.js";
import type { Elsewhere, JudgedAgain } from "./judge-again.js";

/** A line per trial, the changed ones with why, and where the bisect would have gone. */
export function judgeText({ trials, elsewhere }: JudgedAgain): string {
  const rows = trials.map((each) => [
    basename(each.trial.folder),
    wordBefore(each),
    wordNow(each),
    reason(each),
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const changed = trials.filter((each) => each.changed).length;
  return `${lines.join("\n")}\n${changed} of ${trials.length} verdicts ${changed === 1 ? "is" : "are"} another\n${elsewhereText(elsewhere)}`;
}

function wordBefore({ trial }: Rejudged): string {
  return trial.verdict?.kind ?? (trial.fault === undefined ? "cut" : "fault");
}

function wordNow(each: Rejudged): string {
  if (each.now === undefined) return wordBefore(each);
  return verdictNow(each)?.kind ?? "fault";
}

function reason({ trial, now }: Rejudged): string {
  if (now === undefined) return trial.fault ?? "its folder does not hold what judging takes";
  if (now.kind === "fault") return now.detail;
  const { detail = "", likelihoodRatio } = now.verdict;
  return likelihoodRatio === undefined
    ? detail
    : `${ratioText(likelihoodRatio)}${detail === "" ? "" : `; ${detail}`}`;
}

/** "199 to 1 for the bug", "20 to 1 against". */
export function ratioText(ratio: number): string {
  const odds = ratio >= 1 ? ratio : 1 / ratio;
  const number = odds >= 1e6 ? "a million" : odds >= 10 ? odds.toFixed(0) : odds.toFixed(1);
  return `${number} to 1 ${ratio >= 1 ? "for" : "against"} the bug`;
}

function elsewhereText(elsewhere: Elsewhere | undefined): string {
  if (elsewhere === undefined) return "the bisect would have gone the same way\n";
  const { label, was, now, isEnd, next, nextNow } = elsewhere;
  if (isEnd) return `${label} was ${was} and is ${now} now: it is an end of the bisect, which rests on it\n`;
  const went = next === undefined ? "ended" : `went on with ${next}`;
  const would = now === "fault" ? "stopped" : nextNow === undefined ? "ended" : `gone on with ${nextNow}`;
  return `${label} was ${was} and is ${now} now: the bisect ${went}, and would have ${would}\n`;
}
