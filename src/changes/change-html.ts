// The comparison as one page: the list of units as markup, their lines as data that the page's script draws when seen.
import type { ChangeSet, UnitChange } from "./change-set.js";
import { groupChanges, totalsLines, type ChangeGroup } from "./group-changes.js";
import { escapeHtml } from "./escape-html.js";
import { renderDocument, type PageAssets } from "./html-document.js";
import { UnitList } from "./unit-html.js";

const unitsPerBlock = 100;

/** One self-contained HTML file; everything from the sources is escaped. */
export function renderHtml(changes: ChangeSet, assets: PageAssets): string {
  const title = `${changes.old} → ${changes.new}`;
  const list = new UnitList(changes.units);
  const draw = (unit: UnitChange, noise: boolean): string => list.draw(unit, noise);
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
  return renderDocument({ title, body, data: list.data() }, assets);
}

function groupHtml(
  { topic, units, noise }: ChangeGroup,
  draw: (unit: UnitChange, noise: boolean) => string,
): string {
  const drawn = [...units.map((unit) => draw(unit, false)), ...noise.map((unit) => draw(unit, true))];
  return `<section><h2>${escapeHtml(topic === "" ? "no topic" : topic)} <span class="number"></span></h2>
${blocksOf(drawn).join("\n")}</section>`;
}

/** A browser lays out only the blocks near the window: with one for each unit, ten thousand of them are laid out at each step. */
function blocksOf(drawn: readonly string[]): string[] {
  const blocks: string[] = [];
  for (let at = 0; at < drawn.length; at += unitsPerBlock)
    blocks.push(`<div class="block">${drawn.slice(at, at + unitsPerBlock).join("\n")}</div>`);
  return blocks;
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
