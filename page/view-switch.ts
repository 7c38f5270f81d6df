// What both pages have: all open or closed, unified or side by side, links to a unit, paper.
import { byId } from "./element.js";
import type { Unit, Units } from "./units.js";

export interface ViewSwitch {
  toggleAll: () => void;
  toggleView: () => void;
}

/** `reveal` is called before a unit is jumped to, for one that is hidden. */
export function startViews(units: Units, reveal: (unit: Unit) => void): ViewSwitch {
  const toggle = byId("toggle", HTMLButtonElement);
  const side = byId("side", HTMLButtonElement);
  const isSide = (): boolean => side.getAttribute("aria-pressed") === "true";
  const toggleAll = (): void => {
    const open = toggle.textContent === "open all";
    for (const unit of units.shown()) unit.element.open = open;
    toggle.textContent = open ? "close all" : "open all";
  };
  const show = (beside: boolean): void => {
    side.setAttribute("aria-pressed", String(beside));
    units.show(beside ? "side" : "unified");
  };
  const toggleView = (): void => show(!isSide());
  const goToHash = (): void => {
    const unit = units.unitOf(document.getElementById(hashId()));
    if (unit === undefined) return;
    reveal(unit);
    units.open(unit);
    const summary = unit.element.querySelector("summary");
    summary?.focus({ preventScroll: true });
    summary?.scrollIntoView({ block: "start" });
  };
  toggle.addEventListener("click", toggleAll);
  side.addEventListener("click", toggleView);
  addEventListener("hashchange", goToHash);
  addEventListener("beforeprint", () => units.drawForPrint());
  matchMedia("print").addEventListener("change", ({ matches }) => {
    if (matches) units.drawForPrint();
    else units.show(isSide() ? "side" : "unified");
  });
  if (matchMedia("(min-width: 1200px)").matches) show(true);
  goToHash();
  return { toggleAll, toggleView };
}

function hashId(): string {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return ""; // a link that was cut in the middle of an escape
  }
}
