// The catalogs that the project ships are checked when it is built, and their values kept beside the code: reading YAML
// and loading what checks it takes longer than reading twenty archives.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { packageRoot } from "../host/package-root.js";
import type { CatalogFile } from "./catalog-shape.js";

/** As scripts/check-catalogs.js writes it to dist/catalogs/DRIVER.json. */
interface Checked {
  /** Of the YAML text, hex: a catalog that was edited since is checked anew. */
  sha256: string;
  catalog: CatalogFile;
}

/** The value of a catalog with this text, when the build has checked it. */
export function tryCheckedBefore(path: string, text: string): CatalogFile | undefined {
  try {
    const kept = join(packageRoot, "dist", "catalogs", `${basename(path, ".yaml")}.json`);
    const checked = JSON.parse(readFileSync(kept, "utf8")) as Checked;
    return checked.sha256 === createHash("sha256").update(text).digest("hex") ? checked.catalog : undefined;
  } catch {
    return undefined; // none was kept, or a build was cut short
  }
}
