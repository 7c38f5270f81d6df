// A changed unit as a page shows it: its headline as markup, its lines as data that the page's script draws when seen.
import type { UnitChange } from "./change-set.js";
import { placeOf } from "./group-changes.js";
import { escapeHtml } from "./escape-html.js";
import type { PageData, PageHunk } from "./page-data.js";
import { pageHunks } from "./page-hunks.js";

/** Up to this much code stands whole in the page; of more, only the lines around the changes. */
const wholeUnitChars = 1_500_000;

/** The units of one page, each drawn once. */
export class UnitList {
  private readonly hunks: PageHunk[][] = [];
  private readonly idOf: ReadonlyMap<UnitChange, string>;
  private readonly context: number;

  constructor(units: readonly UnitChange[]) {
    this.idOf = unitIds(units);
    const size = units.reduce((sum, { oldText, newText }) => sum + oldText.length + newText.length, 0);
    this.context = size <= wholeUnitChars ? Infinity : 3;
  }

  /** The markup of one unit; `noise` is hidden until it is asked for. */
  draw(unit: UnitChange, noise = false): string {
    this.hunks.push(pageHunks(unit, this.context));
    return unitHtml(unit, { noise, at: this.hunks.length - 1, idOf: this.idOf });
  }

  /** The address of a unit in the page, after its #. */
  linkOf(unit: UnitChange): string {
    return encodeURIComponent(this.idOf.get(unit) ?? "");
  }

  data(): PageData {
    return { units: this.hunks };
  }
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
