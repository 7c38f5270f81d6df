// The script of the page that `report --format html` writes.
import type { PageData } from "../src/changes/page-data.js";
import { startCharts } from "./charts.js";
import { byId } from "./element.js";
import { startTheme } from "./theme.js";
import { Units } from "./units.js";
import { startViews } from "./view-switch.js";

/** So many changes are open from the start: the first suspect, or what a small culprit changed. */
const openUnits = 3;

const units = new Units(JSON.parse(byId("data", HTMLScriptElement).text) as PageData);
startTheme();
startViews(units, () => undefined);
for (const { element } of units.shown().slice(0, openUnits)) element.open = true;
startCharts();
