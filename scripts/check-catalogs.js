// Part of the build: checks the catalogs that the project ships and keeps their values for a quick start.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkCatalog } from "../dist/catalog/check-catalog.cjs";

const folder = fileURLToPath(new URL("../releases/", import.meta.url));
const kept = fileURLToPath(new URL("../dist/catalogs/", import.meta.url));
mkdirSync(kept, { recursive: true });
for (const name of readdirSync(folder).filter((file) => file.endsWith(".yaml"))) {
  const text = readFileSync(join(folder, name), "utf8");
  const catalog = checkCatalog(join(folder, name), text);
  const sha256 = createHash("sha256").update(text).digest("hex");
  writeFileSync(join(kept, `${basename(name, ".yaml")}.json`), JSON.stringify({ sha256, catalog }));
}
