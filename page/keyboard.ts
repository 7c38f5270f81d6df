import { byId } from "./element.js";
import type { Filters } from "./filters.js";
import type { Unit, Units } from "./units.js";

export interface Actions {
  toggleAll: () => void;
  toggleView: () => void;
  filters: Filters;
}

/** One key each, but not while the reader writes, and none that the browser has for itself. */
export function startKeyboard(units: Units, { toggleAll, toggleView, filters }: Actions): void {
  const help = byId("help", HTMLDialogElement);
  let current: Unit | undefined;
  const go = (step: 1 | -1): void => {
    const shown = units.shown();
    const from = units.unitOf(document.activeElement) ?? current;
    const at = from === undefined ? -1 : shown.indexOf(from);
    current = shown[Math.max(0, Math.min(shown.length - 1, at + step))];
    const summary = current?.element.querySelector("summary");
    summary?.focus({ preventScroll: true });
    summary?.scrollIntoView({ block: "start" });
  };
  const actions: Partial<Record<string, () => void>> = {
    j: () => go(1),
    k: () => go(-1),
    o: () => {
      const unit = units.unitOf(document.activeElement) ?? current;
      if (unit !== undefined) unit.element.open = !unit.element.open;
    },
    O: toggleAll,
    s: toggleView,
    "/": () => filters.focus(),
    "?": () => help.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    const isField = target.matches("select, input:not([type=checkbox])");
    if (isField && event.key === "Escape") target.blur();
    const action = isField ? undefined : actions[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
  byId("keys", HTMLButtonElement).addEventListener("click", () => help.showModal());
}
