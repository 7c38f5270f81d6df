// The script of the page that `diff --format html` writes.
import type { PageData } from "../src/changes/page-data.js";
import { byId } from "./element.js";
import { Filters } from "./filters.js";
import { startKeyboard } from "./keyboard.js";
import { startTheme } from "./theme.js";
import { Units } from "./units.js";
import { startViews } from "./view-switch.js";

/** So few changes are open from the start. */
const fewUnits = 40;

const units = new Units(JSON.parse(byId("data", HTMLScriptElement).text) as PageData);
const filters = new Filters(units);
startTheme();
filters.apply();
const views = startViews(units, (unit) => filters.reveal(unit));
startKeyboard(units, { ...views, filters });
if (units.shown().length <= fewUnits) views.toggleAll();
