import { byId } from "./element.js";
import { changedText, type Unit, type Units } from "./units.js";

/** The height of a closed change with its margin, as the style gives it. */
const closedUnitRem = 2.65;

/** The form above the changes: which of them are shown. */
export class Filters {
  private readonly name = byId("name", HTMLInputElement);
  private readonly lines = byId("lines", HTMLInputElement);
  private readonly noise = byId("noise", HTMLInputElement);
  private readonly topic = byId("topic", HTMLSelectElement);
  private readonly status = byId("status", HTMLSelectElement);
  private readonly kind = byId("kind", HTMLSelectElement);
  private readonly file = byId("file", HTMLSelectElement);
  private readonly sections = [...document.querySelectorAll("main > section")];
  private readonly blocks = [...document.querySelectorAll<HTMLElement>("main .block")];

  constructor(private readonly units: Units) {
    const form = byId("filters", HTMLFormElement);
    form.addEventListener("input", () => this.apply());
    form.addEventListener("submit", (event) => event.preventDefault());
  }

  apply(): void {
    const words = this.name.value.toLowerCase().split(/\s+/);
    let shown = 0;
    for (const unit of this.units.all) {
      const isShown = this.takes(unit) && words.every((word) => this.finds(unit, word));
      unit.element.hidden = !isShown;
      if (isShown) shown++;
    }
    for (const block of this.blocks) {
      const count = countShown(block);
      block.hidden = count === 0;
      block.style.containIntrinsicBlockSize = `auto ${count * closedUnitRem}rem`;
    }
    for (const section of this.sections) {
      const count = countShown(section);
      section.toggleAttribute("hidden", count === 0);
      section.querySelector("h2 .number")!.textContent = String(count);
    }
    byId("none", HTMLElement).hidden = shown > 0;
    byId("shown", HTMLOutputElement).value = `${shown} of ${this.units.all.length} shown`;
  }

  /** Takes away what hides a unit that is asked for by its link. */
  reveal(unit: Unit): void {
    if (!unit.element.hidden) return;
    for (const field of [this.name, this.topic, this.status, this.kind, this.file]) field.value = "";
    if (unit.noise) this.noise.checked = true;
    this.apply();
  }

  focus(): void {
    this.name.focus();
    this.name.select();
  }

  private takes({ topics, statuses, kind, file, noise }: Unit): boolean {
    const isOf = (field: HTMLSelectElement, values: readonly string[]): boolean =>
      field.selectedIndex <= 0 || values.includes(field.value);
    return (
      (!noise || this.noise.checked) &&
      isOf(this.topic, topics) &&
      isOf(this.status, statuses) &&
      isOf(this.kind, [kind]) &&
      isOf(this.file, [file])
    );
  }

  private finds(unit: Unit, word: string): boolean {
    if (unit.name.toLowerCase().includes(word)) return true;
    return this.lines.checked && changedText(unit).includes(word);
  }
}

function countShown(element: Element): number {
  return element.querySelectorAll("details.unit:not([hidden])").length;
}
