// Part of the build: checks the catalogs that the project ships and keeps their values for a quick start.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkCatalog } from "../dist/catalog/check-catalog.js";
import { keepChecked } from "../dist/catalog/checked-catalogs.js";

const folder = new URL("../releases/", import.meta.url).pathname;
for (const name of readdirSync(folder).filter((file) => file.endsWith(".yaml"))) {
  const text = readFileSync(join(folder, name), "utf8");
  await keepChecked(name, text, checkCatalog(join(folder, name), text));
}
