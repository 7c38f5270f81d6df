// What a planned commit says of itself, so that `git log` and `git bisect` need no further tool.
import { diffLines } from "diff";
import type { ChangeClass } from "../changes/change-set.js";
import { classifyText } from "../changes/classify.js";
import type { SplitPlan } from "./plan-split.js";
import type { Slot } from "./slot.js";

export interface DescribedUnit {
  file: string;
  unit: string;
  change: "added" | "changed" | "removed";
  /** What kind of change it is, where both versions have the unit. */
  class: ChangeClass | undefined;
  /** Of the driver's catalog. */
  topics: string[];
  lines: number;
}

/** The topics of a unit, by its name and file. */
export type TopicOf = (name: string, file: string) => string[];

export interface DescribedCommit {
  subject: string;
  units: DescribedUnit[];
  /** Added and removed lines together. */
  lines: number;
  /** Subjects of the commits that it needs. */
  needs: string[];
  hasCode: boolean;
}

/** What is known of a commit's build, for readers and for tools. */
export interface Proof {
  says: readonly string[];
  trailers: readonly string[];
}

const namedUnits = 40;
const namedNeeds = 12;

/** Each commit of a plan in words, in the plan's order. */
export function describeCommits(plan: SplitPlan, topicOf: TopicOf = () => []): DescribedCommit[] {
  const described: DescribedCommit[] = [];
  for (const commit of plan.commits) {
    const units = commit.slots.map((index) => describeSlot(plan.slots[index]!, topicOf));
    const lines = units.reduce((sum, unit) => sum + unit.lines, 0);
    const subject = commit.hasCode ? subjectOf(units, lines) : `comments and documents: ${countLines(lines)}`;
    const needs = commit.needs.map((index) => described[index]!.subject);
    described.push({ subject, units, lines, needs, hasCode: commit.hasCode });
  }
  return described;
}

/** The commit's whole message; `proof` is what was built of it, the trailers are for tools. */
export function renderMessage(
  commit: DescribedCommit,
  { proof, trailers }: { proof: Proof; trailers: readonly string[] },
): string {
  const units = commit.units.map(
    ({ file, unit, change, class: kind, topics, lines }) =>
      `  ${file}: ${unit} (${[change, ...(kind ? [kind] : []), ...topics, countLines(lines)].join(", ")})`,
  );
  const needs = commit.needs.map((subject) => `  ${subject}`);
  return [
    commit.subject,
    "",
    "Changes:",
    ...shortened(units, namedUnits),
    ...(needs.length > 0 ? ["Needs:", ...shortened(needs, namedNeeds)] : []),
    "",
    ...proof.says,
    "",
    ...trailers,
    ...proof.trailers,
    "",
  ].join("\n");
}

function describeSlot(slot: Slot, topicOf: TopicOf): DescribedUnit {
  const unit = (slot.new ?? slot.old)!;
  const owner = slot.memberOf === undefined ? "" : `${slot.memberOf}.`;
  const change = slot.old === undefined ? "added" : slot.new === undefined ? "removed" : "changed";
  const lines = diffLines(slot.old?.text ?? "", slot.new?.text ?? "")
    .filter((part) => part.added || part.removed)
    .reduce((sum, part) => sum + part.count, 0);
  return {
    file: printable(slot.file),
    unit: printable(`${owner}${unit.name}`),
    change,
    class: classOf(slot),
    topics: topicOf(slot.within ?? slot.memberOf ?? unit.name, slot.file),
    lines,
  };
}

function classOf({ old: before, new: after, within, part }: Slot): ChangeClass | undefined {
  if (!before || !after) return undefined;
  const kind = classifyText(before.text, after.text);
  if (kind !== "definition" || before.kind !== "function")
    return within && kind === "definition" ? "body" : kind;
  return part === 0 ? "signature" : "body";
}

function subjectOf(units: readonly DescribedUnit[], lines: number): string {
  const largest = units.reduce((best, unit) => (unit.lines > best.lines ? unit : best));
  const more = units.length > 1 ? ` and ${units.length - 1} more` : "";
  const file = largest.file.split("/").at(-1)!;
  return `${file}: ${largest.unit.slice(0, 60)}${more}: ${countLines(lines)}`;
}

function countLines(lines: number): string {
  return lines === 1 ? "1 line" : `${lines} lines`;
}

function shortened(rows: readonly string[], most: number): string[] {
  return rows.length <= most ? [...rows] : [...rows.slice(0, most), `  and ${rows.length - most} more`];
}

/** Names come from a vendor's archive: nothing of them may steer a terminal. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, "?");
}
