// src/ as the launcher loads it: a file for each command that holds all of ours that it needs, and one for --help that
// holds everything. CommonJS: Node takes a third of a millisecond to load a file, and longer where it is an ES module.
import { build } from "esbuild";
import { readFileSync } from "node:fs";

const { dependencies } = JSON.parse(readFileSync("package.json", "utf8"));
// Commander is needed at every start, and d3 is ES modules only; the other packages are loaded when they are needed.
const bundled = /^(commander|d3-\w+)$/;

const options = {
  bundle: true,
  format: "cjs",
  outExtension: { ".js": ".cjs" },
  platform: "node",
  target: "node20",
  external: Object.keys(dependencies).filter((name) => !bundled.test(name)),
  define: { "import.meta.url": "moduleUrl" },
  banner: { js: 'const moduleUrl = require("node:url").pathToFileURL(__filename).href;' },
  charset: "utf8",
  logLevel: "warning",
};

/** main with one command: of the list of them it loads no other one. */
function withOnly(file) {
  const leaveOut = ({ importer, path }) =>
    importer.endsWith("/commands/index.ts") && path !== file ? { path, external: true } : undefined;
  return { name: "only", setup: ({ onResolve }) => onResolve({ filter: /^\.\// }, leaveOut) };
}

const list = readFileSync("src/cli/commands/index.ts", "utf8");
const commands = [...list.matchAll(/^ {2}(\w+): async .*import\("(.*)"\)/gm)];
/** What scripts and benches ask for by name. */
const scripted = [
  "bisect/situation",
  "bisect/tests-due",
  "catalog/check-catalog",
  "catalog/json-schema",
  "cli/bisect-schema",
  "cli/decode-schema",
  "cli/evidence-schema",
  "cli/judge-schema",
  "cli/matrix-schema",
  "cli/settings-shape",
  "report/progress-shape",
  "report/report-shape",
  "suspects/suspects-shape",
];

await Promise.all([
  build({
    ...options,
    entryPoints: ["cli/main", ...scripted].map((name) => `src/${name}.ts`),
    outbase: "src",
    outdir: "dist",
  }),
  ...commands
    .filter(([, name]) => name !== "completion") // it tells of all
    .map(([, name, file]) =>
      build({
        ...options,
        entryPoints: { [name]: "src/cli/main.ts" },
        outdir: "dist/commands",
        plugins: [withOnly(file)],
      }),
    ),
]);
