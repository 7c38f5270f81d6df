// The scripts and the style of the HTML pages, each bundled into one file that the pages carry along.
import { build } from "esbuild";

await build({
  entryPoints: ["page/diff.ts", "page/report.ts", "page/watch.ts", "page/page.css"],
  outdir: "dist/page",
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2023",
  charset: "utf8",
  legalComments: "inline",
  logLevel: "warning",
});
