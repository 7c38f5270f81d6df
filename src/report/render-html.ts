// The report as one page: what every face says, and what only a page can show: the bisect as a row of releases, the
// diffs side by side, the measurements as curves.
import type { UnitChange } from "../changes/change-set.js";
import { escapeHtml } from "../changes/escape-html.js";
import { renderDocument, type PageAssets } from "../changes/html-document.js";
import { UnitList } from "../changes/unit-html.js";
import type { Block, Section } from "./block.js";
import { captionOf, renderChart, type Chart } from "./chart.js";
import { chartsOf } from "./charts.js";
import { subjectOf } from "./finding.js";
import type { Report } from "./report-shape.js";
import { howRanked, sectionsOf, signed } from "./sections.js";

/** `units`: the changed functions to show as diffs, in that order. */
export function renderHtml(report: Report, units: readonly UnitChange[], assets: PageAssets): string {
  const list = new UnitList(units);
  const sections = new Map(sectionsOf(report).map((section) => [section.title, section]));
  const own = (title: string): string => sectionHtml(sections.get(title));
  const parts = [
    timelineHtml(report),
    unitsHtml(report, units, list),
    patchHtml(sections.get("The change")),
    own("What the fixed release changes there"),
    suspectsHtml(report, units, list),
    own("What the kernel said"),
    own("What memory tracing said"),
    chartsHtml(chartsOf(report)),
    own("Trials"),
    own("Environment"),
    own("How to reproduce"),
    own("What changed, by topic"),
    own("Not analysed"),
    own("Links"),
  ];
  const body = `<header>
<h1>${escapeHtml(subjectOf(report))}</h1>
${(sections.get("Finding")?.blocks ?? []).map(blockHtml).join("\n")}
<p class="note">Written by ${escapeHtml(report.tool)} at ${escapeHtml(report.writtenAt)}.</p>
<p class="buttons"><button type="button" id="toggle">open all</button>
<button type="button" id="side" aria-pressed="false">side by side</button>
<button type="button" id="theme">colours: system</button></p>
</header>
<main tabindex="-1">${parts.filter((part) => part !== "").join("\n")}</main>`;
  return renderDocument({ title: subjectOf(report), body, data: list.data() }, assets);
}

export function sectionHtml(section: Section | undefined): string {
  if (section === undefined) return "";
  return wrapSection(section.title, section.blocks.map(blockHtml).join("\n"));
}

function wrapSection(title: string, content: string): string {
  return `<section><h2>${escapeHtml(title)}</h2>\n${content}</section>`;
}

function blockHtml(block: Block): string {
  switch (block.kind) {
    case "prose":
      return `<p>${escapeHtml(block.text)}</p>`;
    case "list": {
      const tag = block.ordered === true ? "ol" : "ul";
      return `<${tag} class="facts">${block.items.map((item) => `<li>${linked(item)}</li>`).join("")}</${tag}>`;
    }
    case "table":
      return tableHtml(block.head, block.rows);
    case "verbatim":
      return verbatimHtml(block);
  }
}

function verbatimHtml({ title, lines, before = [] }: Extract<Block, { kind: "verbatim" }>): string {
  const earlier = before.map((line) => `<span class="before">${escapeHtml(line)}</span>\n`).join("");
  return `<pre tabindex="0" role="region" aria-label="${escapeHtml(title)}">${earlier}${lines.map(escapeHtml).join("\n")}</pre>`;
}

/** Addresses on the web become links; nothing follows them but the reader. */
function linked(text: string): string {
  return text
    .split(/(https?:\/\/[^\s<>"']+)/)
    .map((part, at) =>
      at % 2 === 0
        ? escapeHtml(part)
        : `<a rel="noreferrer" href="${escapeHtml(part)}">${escapeHtml(part)}</a>`,
    )
    .join("");
}

function tableHtml(head: readonly string[], rows: readonly string[][]): string {
  const cells = (row: readonly string[]): string =>
    row.map((cell) => `<td>${escapeHtml(cell)}</td>`).join("");
  return `<div class="wide" tabindex="0" role="group" aria-label="table"><table class="plain"><thead><tr>${head
    .map((cell) => `<th scope="col">${escapeHtml(cell)}</th>`)
    .join(
      "",
    )}</tr></thead><tbody>${rows.map((row) => `<tr>${cells(row)}</tr>`).join("")}</tbody></table></div>`;
}

/** Untested commits in a row are told by their number. */
function timelineHtml({ timeline, kind, trials }: Report): string {
  if (timeline.length === 0 || (kind === "review" && trials.length === 0)) return "";
  const items: string[] = [];
  let untested = 0;
  const flush = (): void => {
    if (untested > 0) items.push(`<li class="between">${untested} not tested</li>`);
    untested = 0;
  };
  for (const one of timeline) {
    const { label, subject, isRelease, good, bad, skip, mark } = one;
    if (good + bad + skip === 0 && mark === undefined && !isRelease) {
      untested++;
      continue;
    }
    flush();
    const counts = [
      ...(good > 0 ? [`${good} good`] : []),
      ...(bad > 0 ? [`${bad} bad`] : []),
      ...(skip > 0 ? [`${skip} skipped`] : []),
    ];
    const state = mark ?? (bad > 0 ? "bad" : good > 0 ? "good" : skip > 0 ? "skip" : "not tested");
    const told = counts.length === 0 ? state : `${state} (${counts.join(", ")})`;
    const name = isRelease ? label : subject;
    items.push(
      `<li class="${state.replace(" ", "-")}${isRelease ? "" : " inside"}"><b>${escapeHtml(name)}</b> <span>${escapeHtml(told)}</span></li>`,
    );
  }
  flush();
  return wrapSection(
    kind === "review" ? "What was tested, oldest first" : "The bisect, oldest first",
    `<ol class="timeline">${items.join("")}</ol>`,
  );
}

function unitsHtml({ patch, culprit }: Report, units: readonly UnitChange[], list: UnitList): string {
  if (units.length === 0) return "";
  const title =
    culprit !== undefined
      ? `What ${culprit.label} changed`
      : patch !== undefined
        ? "The changes to look at"
        : "The changed functions";
  return wrapSection(title, units.map((unit) => list.draw(unit)).join("\n"));
}

function suspectsHtml(report: Report, units: readonly UnitChange[], list: UnitList): string {
  const { suspects, patch, culprit } = report;
  if (suspects.length === 0 || (patch === undefined && culprit === undefined)) return "";
  const items = suspects.map(({ name, file, line, score, reasons }) => {
    const unit = units.find((one) => one.kind === "function" && one.name === name && one.file === file);
    const title = escapeHtml(name);
    const link = unit === undefined ? title : `<a href="#${escapeHtml(list.linkOf(unit))}">${title}</a>`;
    const why = reasons.map(
      ({ points, text }) => `<li>${signed(points).replace("-", "−")} ${escapeHtml(text)}</li>`,
    );
    const place = `${file}${line === undefined ? "" : `:${line}`}`;
    return `<li><b>${link}</b> <span class="note">${escapeHtml(place)}, score ${score.toFixed(1)}</span><ul>${why.join("")}</ul></li>`;
  });
  const how = howRanked(report);
  return wrapSection("Suspects", `<p>${escapeHtml(how)}</p><ol class="facts">${items.join("")}</ol>`);
}

function patchHtml(section: Section | undefined): string {
  if (section === undefined) return "";
  return `<details class="fold"><summary>the change as a patch</summary>${section.blocks.map(blockHtml).join("\n")}</details>`;
}

function chartsHtml(charts: readonly Chart[]): string {
  if (charts.length === 0) return "";
  const figures = charts.map((chart) => {
    const legend = chart.lines.map(({ label, kind }) => `<li class="${kind}">${escapeHtml(label)}</li>`);
    return `<figure data-name="${escapeHtml(chart.title)}"><figcaption>${escapeHtml(captionOf(chart.title, chart.unit))}</figcaption>
${renderChart(chart)}<ul class="legend">${legend.join("")}</ul>
<p class="buttons"><button type="button" data-save="svg">save as SVG</button> <button type="button" data-save="png">save as PNG</button></p></figure>`;
  });
  return wrapSection("What was measured", `<div class="figures">${figures.join("\n")}</div>`);
}
