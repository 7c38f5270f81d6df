// The script of the page that `diff --format html` writes.
import type { PageData } from "../src/changes/page-data.js";
import { byId } from "./element.js";
import { Filters } from "./filters.js";
import { startKeyboard } from "./keyboard.js";
import { startTheme } from "./theme.js";
import { Units } from "./units.js";

/** So few changes are open from the start. */
const fewUnits = 40;

const units = new Units(JSON.parse(byId("data", HTMLScriptElement).text) as PageData);
const filters = new Filters(units);
const toggle = byId("toggle", HTMLButtonElement);
const side = byId("side", HTMLButtonElement);

function toggleAll(): void {
  const open = toggle.textContent === "open all";
  for (const unit of units.shown()) unit.element.open = open;
  toggle.textContent = open ? "close all" : "open all";
}

function showSide(isSide: boolean): void {
  side.setAttribute("aria-pressed", String(isSide));
  units.show(isSide ? "side" : "unified");
}

function toggleView(): void {
  showSide(side.getAttribute("aria-pressed") !== "true");
}

function goToHash(): void {
  const unit = units.unitOf(document.getElementById(hashId()));
  if (unit === undefined) return;
  filters.reveal(unit);
  units.open(unit);
  const summary = unit.element.querySelector("summary");
  summary?.focus({ preventScroll: true });
  summary?.scrollIntoView({ block: "start" });
}

function hashId(): string {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return ""; // a link that was cut in the middle of an escape
  }
}

toggle.addEventListener("click", toggleAll);
side.addEventListener("click", toggleView);
startTheme();
startKeyboard(units, { toggleAll, toggleView, filters });
filters.apply();
if (units.shown().length <= fewUnits) toggleAll();
if (matchMedia("(min-width: 1200px)").matches) showSide(true);
addEventListener("hashchange", goToHash);
addEventListener("beforeprint", () => units.drawForPrint());
matchMedia("print").addEventListener("change", ({ matches }) => {
  if (matches) units.drawForPrint();
  else units.show(side.getAttribute("aria-pressed") === "true" ? "side" : "unified");
});
goToHash();
