// The comparison as one page: the list of units as markup, their lines as data that the page's script draws when seen.
import type { ChangeSet, UnitChange } from "./change-set.js";
import { groupChanges, placeOf, totalsLines, type ChangeGroup } from "./group-changes.js";
import { escapeHtml, renderDocument, type PageAssets } from "./html-document.js";
import type { PageHunk } from "./page-data.js";
import { pageHunks } from "./page-hunks.js";

/** Up to this much code stands whole in the page; of more, only the lines around the changes. */
const wholeUnitChars = 1_500_000;

/** One self-contained HTML file; everything from the sources is escaped. */
export function renderHtml(changes: ChangeSet, assets: PageAssets): string {
  const title = `${changes.old} → ${changes.new}`;
  const size = changes.units.reduce((sum, { oldText, newText }) => sum + oldText.length + newText.length, 0);
  const context = size <= wholeUnitChars ? Infinity : 3;
  const units: PageHunk[][] = [];
  const idOf = unitIds(changes.units);
  const draw = (unit: UnitChange, noise: boolean): string => {
    units.push(pageHunks(unit, context));
    return unitHtml(unit, { noise, at: units.length - 1, idOf });
  };
  const groups = groupChanges(changes.units).map((group) => groupHtml(group, draw));
  const body = `<header>
<h1>${escapeHtml(title)}</h1>
<ul class="totals">${totalsLines(changes).map(listItem).join("")}</ul>
${problemsHtml(changes)}${filesHtml(changes)}
<noscript><p>The lines of the changes are drawn by this page's own script, which is switched off.</p></noscript>
</header>
${filtersHtml(changes.units)}
<main tabindex="-1">${groups.join("\n")}<p id="none" hidden>No change matches the filters.</p></main>
${helpHtml}`;
  return renderDocument({ title, body, data: { units } }, assets);
}

/** "src/a.c:f"; the further variants of a name in a file get a number. */
function unitIds(units: readonly UnitChange[]): Map<UnitChange, string> {
  const seen = new Map<string, number>();
  return new Map(
    units.map((unit) => {
      const id = `${unit.file}:${unit.name}`;
      const count = (seen.get(id) ?? 0) + 1;
      seen.set(id, count);
      return [unit, count === 1 ? id : `${id}:${count}`];
    }),
  );
}

function groupHtml(
  { topic, units, noise }: ChangeGroup,
  draw: (unit: UnitChange, noise: boolean) => string,
): string {
  const drawn = [...units.map((unit) => draw(unit, false)), ...noise.map((unit) => draw(unit, true))];
  return `<section><h2>${escapeHtml(topic === "" ? "no topic" : topic)} <span class="number"></span></h2>
${drawn.join("\n")}</section>`;
}

function unitHtml(
  unit: UnitChange,
  { noise, at, idOf }: { noise: boolean; at: number; idOf: ReadonlyMap<UnitChange, string> },
): string {
  const data = {
    unit: String(at),
    name: [unit.name, unit.oldName ?? ""].join(" ").trim(),
    topic: unit.topics.join("\n"),
    status: [unit.status, ...unit.classes].join("\n"),
    kind: unit.kind,
    file: unit.file,
    noise: noise ? "1" : "",
    callers: unit.callers.join(" "),
    callees: unit.callees.join(" "),
    condition: unit.condition,
  };
  const attributes = Object.entries(data).filter(([, value]) => value !== "");
  const was = unit.oldName === undefined ? "" : ` <span class="was">was ${escapeHtml(unit.oldName)}</span>`;
  return (
    `<details class="unit" id="${escapeHtml(idOf.get(unit)!)}" ` +
    attributes.map(([key, value]) => `data-${key}="${escapeHtml(value)}"`).join(" ") +
    `><summary><span class="status ${unit.status}">${unit.status}</span> ` +
    `<h3>${escapeHtml(unit.name)}</h3>${was} ` +
    `<span class="what">${escapeHtml(whatOf(unit))}</span> ` +
    `<span class="count"><span class="plus">+${unit.linesAdded}</span> <span class="minus">−${unit.linesRemoved}</span></span> ` +
    `<span class="place">${escapeHtml(placeOf(unit))}</span></summary></details>`
  );
}

function whatOf({ kind, classes, similarity, oldFile, status }: UnitChange): string {
  const alike = similarity === undefined ? [] : [`${Math.round(similarity * 100)} % alike`];
  const from = oldFile === undefined || status !== "moved" ? [] : [`from ${oldFile}`];
  return [kind, ...classes, ...alike, ...from].join(", ");
}

function problemsHtml({ problems }: ChangeSet): string {
  if (problems.length === 0) return "";
  const items = problems.map(({ path, line, message }) => listItem(`${path}:${line}: ${message}`));
  const count = problems.length === 1 ? "one place was" : `${problems.length} places were`;
  return `<details class="fold"><summary>${count} not read fully</summary><ul>${items.join("")}</ul></details>\n`;
}

function filesHtml({ files }: ChangeSet): string {
  const rows = files.map(
    ({ file, oldFile, status, linesAdded, linesRemoved }) =>
      `<tr><td>${escapeHtml(oldFile === undefined ? file : `${oldFile} → ${file}`)}</td><td>${status}</td>` +
      `<td class="plus">+${linesAdded}</td><td class="minus">−${linesRemoved}</td></tr>`,
  );
  return `<details class="fold"><summary>the changed files (${files.length})</summary><div class="wide" tabindex="0" role="group" aria-label="the changed files"><table>
<thead><tr><th scope="col">file</th><th scope="col">status</th><th scope="col">added</th><th scope="col">removed</th></tr></thead>
<tbody>${rows.join("")}</tbody></table></div></details>`;
}

function filtersHtml(units: readonly UnitChange[]): string {
  const choice = (id: string, values: readonly string[]): string => {
    const options = [...new Set(values)].sort().map((value) => {
      const text = escapeHtml(value);
      return `<option value="${text}">${text}</option>`;
    });
    return `<label>${id} <select id="${id}"><option value="">all</option>${options.join("")}</select></label>`;
  };
  const choices = [
    choice(
      "topic",
      units.flatMap(({ topics }) => topics),
    ),
    choice(
      "status",
      units.flatMap(({ status, classes }) => [status, ...classes]),
    ),
    choice(
      "kind",
      units.map(({ kind }) => kind),
    ),
    choice(
      "file",
      units.map(({ file }) => file),
    ),
  ];
  return `<form id="filters" role="search" aria-label="which changes to show">
<label>name <input id="name" type="search" autocomplete="off" spellcheck="false"></label>
${choices.join("\n")}
<label class="check"><input type="checkbox" id="lines"> search the changed lines too</label>
<label class="check"><input type="checkbox" id="noise"> with comments, blanks and moves</label>
<span class="buttons"><button type="button" id="toggle">open all</button>
<button type="button" id="side" aria-pressed="false">side by side</button>
<button type="button" id="theme">colours: system</button>
<button type="button" id="keys" aria-haspopup="dialog">keys</button></span>
<output id="shown" for="name topic status kind file"></output></form>`;
}

const helpHtml = `<dialog id="help" aria-labelledby="help-title"><h2 id="help-title">Keys</h2><dl>
<dt><kbd>j</kbd> <kbd>k</kbd></dt><dd>the next or the previous change</dd>
<dt><kbd>o</kbd></dt><dd>open or close it</dd>
<dt><kbd>O</kbd></dt><dd>open or close all</dd>
<dt><kbd>/</kbd></dt><dd>search by name; <kbd>Esc</kbd> leaves the field</dd>
<dt><kbd>s</kbd></dt><dd>side by side or unified</dd>
<dt><kbd>?</kbd></dt><dd>this list</dd></dl>
<form method="dialog"><button>close</button></form></dialog>`;

function listItem(text: string): string {
  return `<li>${escapeHtml(text)}</li>`;
}
