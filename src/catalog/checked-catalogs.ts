// The catalogs that the project ships are checked when it is built, and their values kept beside the code: reading YAML
// and loading what checks it takes longer than reading twenty archives.
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { packageRoot } from "../host/package-root.js";
import type { CatalogFile } from "./catalog-shape.js";

interface Checked {
  /** Of the YAML text, hex: a catalog that was edited since is checked anew. */
  sha256: string;
  catalog: CatalogFile;
}

/** The value of a catalog with this text, when the build has checked it. */
export async function tryCheckedBefore(path: string, text: string): Promise<CatalogFile | undefined> {
  try {
    const checked = JSON.parse(await readFile(checkedPath(path), "utf8")) as Checked;
    return checked.sha256 === sha256Of(text) ? checked.catalog : undefined;
  } catch {
    return undefined; // none was kept, or a build was cut short
  }
}

/** Keeps what a catalog's text was checked to be. */
export async function keepChecked(path: string, text: string, catalog: CatalogFile): Promise<void> {
  await mkdir(dirname(checkedPath(path)), { recursive: true });
  const checked: Checked = { sha256: sha256Of(text), catalog };
  await writeFile(checkedPath(path), JSON.stringify(checked));
}

function checkedPath(path: string): string {
  return join(packageRoot, "dist", "catalogs", `${basename(path, ".yaml")}.json`);
}

function sha256Of(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
