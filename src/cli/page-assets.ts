import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { PageAssets } from "../changes/html-document.js";
import { packageRoot } from "../host/package-root.js";

/** The script and the style that the pages carry along, as the build made them from page/. */
export function pageAssets(page: "diff" | "report" | "watch"): PageAssets {
  const read = (name: string): string => readFileSync(join(packageRoot, "dist/page", name), "utf8").trim();
  return { script: read(`${page}.js`), style: read("page.css") };
}
