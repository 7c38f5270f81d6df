// What a report says first, in sentences; every number in them stands in the report with its source.
import type { Report } from "./report-shape.js";
import { mainEvent } from "./trace-excerpt.js";

/** "i40e 2.13.10: BUG: Bad page state in skb_release_data (2.12.6 is good)". */
export function subjectOf(report: Report): string {
  const { kind, culprit, old, new: current } = report;
  const [good, bad] = [nameOf(report, old.label), version(current.label)];
  const seen = symptomOf(report);
  if (kind === "bisect-done" && culprit !== undefined) {
    const what = isRelease(report)
      ? `first bad since ${version(report.changes.old)}`
      : `since ${culprit.subject}`;
    return `${nameOf(report, isRelease(report) ? culprit.label : bad)}: ${seen ?? "regression"}, ${what}`;
  }
  if (kind === "bisect-running")
    return `${nameOf(report, bad)}: ${seen ?? "regression"}, bisect since ${version(old.label)} not finished`;
  if (seen !== undefined) return `${nameOf(report, bad)}: ${seen} (changes since ${version(old.label)})`;
  return `${good} to ${bad}: review of ${counted(report.changes.functions.changed, "changed function")}`;
}

/** Whether the first bad commit is a whole release, not one change inside it. */
function isRelease({ culprit, timeline }: Report): boolean {
  return timeline.some(({ commit, isRelease: whole }) => whole && commit === culprit?.commit);
}

/** One paragraph each. */
export function findingOf(report: Report): string[] {
  return [
    ...bisectFinding(report),
    ...changeFinding(report),
    ...traceFinding(report),
    ...suspectFinding(report),
  ];
}

function bisectFinding(report: Report): string[] {
  const { culprit, bisect, old, new: current } = report;
  if (culprit !== undefined)
    return [
      `A bisect between ${label(old.label)} and ${label(current.label)} names ${culprit.label} "${culprit.subject}" as the first bad ` +
        `commit: +${culprit.linesAdded} -${culprit.linesRemoved} lines. ${verification(culprit)}`,
    ];
  if (bisect === undefined) return [];
  const left =
    bisect.good.length === 0 || bisect.bad.length === 0
      ? "It has no two ends yet."
      : `${counted(bisect.candidates, "commit")} may still be the first bad one, about ${tests(Math.ceil(Math.log2(Math.max(1, bisect.candidates))))}.`;
  return [
    `The bisect is not finished. Good so far: ${bisect.good.join(", ") || "none"}; bad so far: ${bisect.bad.join(", ") || "none"}. ${left}`,
  ];
}

function verification({ parentGood, bad }: NonNullable<Report["culprit"]>): string {
  if (parentGood === 0 && bad === 0) return "No trial's evidence is here for either side of it.";
  return `In the evidence it was bad in ${times(bad)}, and its parent good in ${times(parentGood)}.`;
}

function changeFinding({ changes, kind, trials }: Report): string[] {
  const { functions, changedCodeLines, files } = changes;
  const review =
    kind !== "review"
      ? ""
      : trials.length === 0
        ? " Nothing was run for this report: it is a review of the sources."
        : ` No bisect is told here; ${counted(trials.length, "trial")} of commits between them ${trials.length === 1 ? "is" : "are"}.`;
  return [
    `Between ${label(changes.old)} and ${label(changes.new)}, ${functionCounts(functions)}: ` +
      `${counted(changedCodeLines, "changed line")} of code in ${counted(files, "file")}.${review}`,
  ];
}

/** "70 functions changed (6 with another signature, 1 only in comments), 59 added, 1 removed". */
function functionCounts({
  changed,
  signature,
  commentOnly,
  added,
  removed,
}: Report["changes"]["functions"]): string {
  const some = (count: number, what: string): string[] => (count === 0 ? [] : [`${count} ${what}`]);
  const how = [...some(signature, "with another signature"), ...some(commentOnly, "only in comments")];
  return [
    `${counted(changed, "function")} changed${how.length === 0 ? "" : ` (${how.join(", ")})`}`,
    ...some(added, "added"),
    ...some(removed, "removed"),
  ].join(", ");
}

function traceFinding({ traces, module }: Report): string[] {
  const [first] = traces;
  if (first === undefined) return [];
  const event = mainEvent(first, module);
  const more = first.events.length === 1 ? "" : `, one of ${first.events.length} events in that log`;
  const kernel = event.kernel === undefined ? "" : ` on ${event.kernel}`;
  return [`The kernel reported "${event.title}"${kernel}${more} (${first.source}, line ${event.line}).`];
}

function suspectFinding({ suspects, suspectsBy, culprit, patch }: Report): string[] {
  const [first] = suspects;
  if (first === undefined || (patch === undefined && culprit === undefined)) return [];
  return [
    `By ${suspectsBy}, the function to read first is ${first.name} (${first.file}${first.line === undefined ? "" : `:${first.line}`}).`,
  ];
}

/** The title of what was seen, without what the title of a mail does not need. */
function symptomOf({ traces, module }: Report): string | undefined {
  const [first] = traces;
  return first === undefined ? undefined : mainEvent(first, module).title;
}

function nameOf({ driver, module }: Report, name: string): string {
  const who = driver ?? module;
  return who === undefined ? version(name) : `${who} ${version(name)}`;
}

/** "2.13.10" of "v2.13.10", and of "split/v2.12.6-to-v2.13.10", whose last commit is that release. */
export function version(name: string): string {
  return name.replace(/^split\/.+-to-/, "").replace(/^v(?=\d)/, "");
}

function label(name: string): string {
  return version(name);
}

function tests(count: number): string {
  return count === 1 ? "one more test" : `${count} more tests`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function times(count: number): string {
  return count === 1 ? "one trial" : `${count} trials`;
}
