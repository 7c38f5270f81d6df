// Each bench prints ratios against a peer in the same run: absolute times tell more of the machine than of the tool.
import { parseArgs } from "node:util";
import { benchImport } from "./import.js";

const benches = { import: benchImport };

const { values, positionals } = parseArgs({
  options: { archives: { type: "string" } },
  allowPositionals: true,
});
for (const [name, bench] of Object.entries(benches))
  if (positionals.length === 0 || positionals.includes(name))
    for (const line of bench({ archives: values.archives })) console.log(`${name}: ${line}`);
