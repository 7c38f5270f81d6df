// The units of the page. Their lines are drawn when they are open and near the window, so that 2000 cost what 20 do.
import type { PageData, PageHunk } from "../src/changes/page-data.js";
import { codeTable, rowText, signOf, type View } from "./code-rows.js";
import { make } from "./element.js";

export interface Unit {
  element: HTMLDetailsElement;
  name: string;
  topics: readonly string[];
  statuses: readonly string[];
  kind: string;
  file: string;
  noise: boolean;
  hunks: readonly PageHunk[];
  /** The changed lines in lower case, once they were searched. */
  changedText: string | undefined;
}

const lineHeight = 19;

export class Units {
  readonly all: readonly Unit[];
  private view: View = "unified";
  private readonly byElement: ReadonlyMap<Element, Unit>;
  private readonly byName = new Map<string, string>();
  private readonly near: IntersectionObserver;

  constructor(data: PageData) {
    this.all = [...document.querySelectorAll<HTMLDetailsElement>("details.unit")].map((element) =>
      readUnit(element, data),
    );
    this.byElement = new Map(this.all.map((unit) => [unit.element, unit]));
    for (const { element, name, kind } of this.all)
      if (kind === "function" || kind === "table") this.byName.set(name.split(" ")[0]!, element.id);
    this.near = new IntersectionObserver((entries) => this.seen(entries), { rootMargin: "1200px 0px" });
    // "toggle" does not bubble, but it can be captured: one listener for all.
    document.addEventListener("toggle", (event) => this.toggled(event.target as Element), true);
  }

  unitOf(element: Element | null | undefined): Unit | undefined {
    const details = element?.closest("details.unit");
    return details ? this.byElement.get(details) : undefined;
  }

  shown(): Unit[] {
    return this.all.filter(({ element }) => !element.hidden);
  }

  show(view: View): void {
    this.view = view;
    for (const { element } of this.all)
      if (element.open) {
        this.clear(element);
        this.toggled(element);
      }
  }

  /** Everything that is not filtered out, at once: a printer does not scroll. */
  drawForPrint(): void {
    for (const unit of this.shown()) {
      unit.element.open = true;
      this.draw(unit, "unified");
    }
  }

  /** Draws a unit now, for one that is jumped to. */
  open(unit: Unit): void {
    unit.element.open = true;
    if (unit.element.querySelector(".body > table") === null) this.draw(unit, this.view);
  }

  private toggled(element: Element): void {
    const unit = this.byElement.get(element);
    if (unit === undefined) return;
    if (!unit.element.open) {
      this.near.unobserve(element);
      this.clear(element);
    } else if (element.querySelector(".body") === null) {
      const body = make("div", "body");
      const lines = unit.hunks.reduce((sum, { rows }) => sum + Math.min(rows.length, 60), 0);
      body.style.minHeight = `${lines * lineHeight}px`;
      element.append(body);
      this.near.observe(element);
    }
  }

  private seen(entries: readonly IntersectionObserverEntry[]): void {
    for (const { isIntersecting, target } of entries) {
      const unit = this.byElement.get(target);
      if (!isIntersecting || unit === undefined) continue;
      this.near.unobserve(target);
      this.draw(unit, this.view);
    }
  }

  private draw(unit: Unit, view: View): void {
    this.clear(unit.element);
    const body = make("div", "body", ...this.notes(unit));
    if (unit.hunks.length === 0)
      body.append(make("p", "note", "its text is the same; it stands elsewhere or under another #if"));
    else body.append(codeTable(unit.hunks, view, `lines of ${unit.name}`));
    unit.element.append(body);
  }

  private clear(element: Element): void {
    element.querySelector(".body")?.remove();
  }

  private notes({ element }: Unit): HTMLElement[] {
    const { condition, callers, callees } = element.dataset;
    const link = make("a", "", "link to this change");
    link.setAttribute("href", `#${encodeURIComponent(element.id)}`);
    return [
      make("p", "note own-link", link),
      ...(condition ? [make("p", "note", "#if ", make("code", "", condition))] : []),
      ...(callers ? [make("p", "note", "used by the changed ", ...this.links(callers))] : []),
      ...(callees ? [make("p", "note", "uses the changed ", ...this.links(callees))] : []),
    ];
  }

  private links(names: string): (string | Node)[] {
    return names.split(" ").flatMap((name, at) => {
      const id = this.byName.get(name);
      const link = make(id === undefined ? "code" : "a", "", name);
      if (id !== undefined) link.setAttribute("href", `#${encodeURIComponent(id)}`);
      return at === 0 ? [link] : [", ", link];
    });
  }
}

export function changedText(unit: Unit): string {
  return (unit.changedText ??= unit.hunks
    .flatMap(({ rows }) => rows.filter((row) => signOf(row) !== " ").map(rowText))
    .join("\n")
    .toLowerCase());
}

function readUnit(element: HTMLDetailsElement, data: PageData): Unit {
  const { unit, name, topic, status, kind, file, noise } = element.dataset;
  return {
    element,
    name: name ?? "",
    topics: topic?.split("\n") ?? [],
    statuses: status?.split("\n") ?? [],
    kind: kind ?? "",
    file: file ?? "",
    noise: noise === "1",
    hunks: data.units[Number(unit)] ?? [],
    changedText: undefined,
  };
}
