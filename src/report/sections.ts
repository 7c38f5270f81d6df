// The report in the order in which a list's reader wants it: the finding first, the links last.
import type { Block, Section } from "./block.js";
import { durationText } from "./duration-text.js";
import { environment, memory } from "./fact-sections.js";
import { findingOf, version } from "./finding.js";
import type { Endpoint, Report } from "./report-shape.js";
import { mainEvent } from "./trace-excerpt.js";

/** Every section that has something to say. */
export function sectionsOf(report: Report): Section[] {
  const all = [
    section("Finding", findingOf(report).map(prose)),
    section("Environment", environment(report)),
    section("How to reproduce", reproduce(report)),
    section("What the kernel said", traces(report)),
    section("What memory tracing said", memory(report)),
    section("The change", change(report)),
    section("What the fixed release changes there", fix(report)),
    section("Suspects", suspects(report)),
    section("Trials", trials(report)),
    section("What changed, by topic", topics(report)),
    section("Not analysed", report.gaps.length === 0 ? [] : [{ kind: "list", items: [...report.gaps] }]),
    section("Links", links(report)),
  ];
  return all.filter(({ blocks }) => blocks.length > 0);
}

function section(title: string, blocks: Block[]): Section {
  return { title, blocks };
}

function prose(text: string): Block {
  return { kind: "prose", text };
}

function reproduce({ reproduce: commands, kind }: Report): Block[] {
  if (commands.length === 0) return [];
  const what = kind === "review" ? "This review is made by:" : "The bisect and this report are made by:";
  return [prose(what), { kind: "verbatim", language: "sh", lines: [...commands], title: "commands" }];
}

/** The same failure of many trials is shown once. */
function traces({ traces: all, module }: Report): Block[] {
  const shown = new Map<string, string[]>();
  return all
    .flatMap((trace): Block[] => {
      const { signature } = mainEvent(trace, module);
      const others = shown.get(signature);
      if (others !== undefined) {
        others.push(trace.source);
        return [];
      }
      shown.set(signature, []);
      return excerptBlocks(trace);
    })
    .concat(
      [...shown].flatMap(([signature, sources]) =>
        sources.length === 0 ? [] : [prose(`The same (${signature}) stands in ${sources.join(", ")}.`)],
      ),
    );
}

function excerptBlocks({ source, events, excerpt, omitted, before }: Report["traces"][number]): Block[] {
  const lines = new Map<string, number[]>();
  for (const { title, line } of events) lines.set(title, [...(lines.get(title) ?? []), line]);
  const titles = [...lines].map(([title, [first, ...more]]) =>
    more.length === 0 ? `${title} (line ${first})` : `${title} (line ${first}, and ${more.length} more)`,
  );
  const left =
    omitted > 0 ? ` Left out below: ${omitted} lines of registers, module lists and the like.` : "";
  return [
    prose(`${source}: ${titles.join("; ")}.${left}`),
    {
      kind: "verbatim",
      language: "text",
      lines: [...excerpt],
      title: `${source}, excerpt`,
      before: [...before],
    },
  ];
}

function change({ patch, culprit }: Report): Block[] {
  if (patch === undefined) return [];
  const base = culprit === undefined ? version(patch.base) : patch.base.slice(0, 12);
  return [
    prose(
      `${patch.about[0]!.toUpperCase()}${patch.about.slice(1)}${patch.functions.length > 0 ? ` (${patch.functions.join(", ")})` : ""}, ` +
        `as a patch against ${base}; it is what to look at, not a fix:`,
    ),
    {
      kind: "verbatim",
      language: "diff",
      lines: patch.text.replace(/\n$/, "").split("\n"),
      title: patch.about,
    },
  ];
}

/** Its lines are indented in a mail, where git am would take them for a part of the patch. */
function fix({ fix: found, fixed }: Report): Block[] {
  if (found === undefined || fixed === undefined) return [];
  return [
    prose(`What ${version(fixed.label)} changes in ${found.function}, compared with ${version(found.base)}:`),
    {
      kind: "verbatim",
      language: "diff",
      apart: true,
      lines: found.text.replace(/\n$/, "").split("\n"),
      title: `what ${version(fixed.label)} changes in ${found.function}`,
    },
  ];
}

const shownSuspects = 5;
/** Of those behind them only the names are told. */
const namedSuspects = 10;

function suspects({ suspects: all, suspectsBy, suspectsTrust, patch, culprit }: Report): Block[] {
  if (all.length === 0 || (patch === undefined && culprit === undefined)) return [];
  const items = all
    .slice(0, shownSuspects)
    .map(({ name, file, line, score, reasons, linesAdded, linesRemoved }) => {
      const why = reasons.map(({ points, text }) => `${text} (${signed(points)})`);
      return (
        `${name}, ${file}${line === undefined ? "" : `:${line}`}, +${linesAdded} -${linesRemoved}, ` +
        `score ${score.toFixed(1)}${why.length > 0 ? `: ${why.join("; ")}` : ""}`
      );
    });
  const behind = all.slice(shownSuspects, namedSuspects).map(({ name }) => name);
  return [
    prose(howRanked({ suspectsBy, suspectsTrust })),
    { kind: "list", items, ordered: true },
    ...(behind.length === 0 ? [] : [prose(`Behind them: ${behind.join(", ")}.`)]),
  ];
}

export function howRanked({
  suspectsBy,
  suspectsTrust,
}: Pick<Report, "suspectsBy" | "suspectsTrust">): string {
  return (
    `Ranked by ${suspectsBy}; a difference of one in the score is a factor of two. ` +
    `${suspectsTrust[0]!.toUpperCase()}${suspectsTrust.slice(1)}.`
  );
}

/** "+0.3", "-2.5": more digits than the measurements carry say nothing. */
export function signed(points: number): string {
  return `${points < 0 ? "-" : "+"}${Math.abs(points).toFixed(1)}`;
}

function trials({ trials: all }: Report): Block[] {
  if (all.length === 0) return [];
  const rows = all.map(({ startedAt, version: number, commit, verdict, durationMs, signature, detail }) => [
    startedAt.replace("T", " ").replace(/:\d\dZ$/, ""),
    number,
    commit.slice(0, 10),
    verdict,
    durationMs === undefined ? "" : durationText(durationMs),
    signature ?? detail,
  ]);
  return [
    { kind: "table", head: ["began (UTC)", "release", "commit", "verdict", "took", "what was seen"], rows },
    prose(`Each trial's evidence lies in ${parentOf(all[0]!.folder)}, in the folder of its time.`),
  ];
}

function parentOf(folder: string): string {
  return folder.slice(0, Math.max(0, folder.lastIndexOf("/"))) || ".";
}

function topics({ changes }: Report): Block[] {
  if (changes.topics.length === 0) return [];
  const rows = changes.topics.map(({ topic, functions, linesAdded, linesRemoved }) => [
    topic === "" ? "(none)" : topic,
    String(functions),
    `+${linesAdded}`,
    `-${linesRemoved}`,
  ]);
  return [
    { kind: "table", head: ["topic", "functions", "added", "removed"], rows },
    prose(`Counted by: ${changes.source}; lines of code without comments and blanks.`),
  ];
}

function links({ old, new: current, fixed }: Report): Block[] {
  const items = [old, current, ...(fixed === undefined ? [] : [fixed])].flatMap(linksOf);
  return items.length === 0 ? [] : [{ kind: "list", items }];
}

function linksOf({ label, date, withdrawn, notes, urls }: Endpoint): string[] {
  const about = [
    version(label),
    ...(date === undefined ? [] : [`of ${date}`]),
    ...(withdrawn === true ? ["withdrawn by the vendor"] : []),
    ...(notes === undefined ? [] : [notes]),
  ].join(", ");
  // What the vendor took down may still lie at a mirror, which the catalog names behind it.
  const shown = withdrawn === true ? urls : urls.slice(0, 1);
  return shown.length === 0 ? [about] : [`${about}: ${shown.join(" ")}`];
}
