// Each bench prints ratios against a peer in the same run: absolute times tell more of the machine than of the tool.
// npm run bench -- import [--archives DIR] [--pairs 3] [--grow 54,108,250,500]
// npm run bench -- bisect
// npm run bench -- diff [--repository DIR --old REV --new REV]
import { parseArgs } from "node:util";
import { benchBisect } from "./bisect.js";
import { benchDiff } from "./diff.js";
import { benchImport } from "./import.js";
import { benchStep } from "./step.js";

const benches = { import: benchImport, step: benchStep, diff: benchDiff, bisect: benchBisect };

const { values, positionals } = parseArgs({
  options: {
    archives: { type: "string" },
    pairs: { type: "string" },
    grow: { type: "string" },
    repository: { type: "string" },
    old: { type: "string" },
    new: { type: "string" },
  },
  allowPositionals: true,
});
const options = {
  ...values,
  pairs: Number(values.pairs ?? 3),
  grow: (values.grow ?? "").split(",").filter(Boolean).map(Number),
};
for (const [name, bench] of Object.entries(benches))
  if (positionals.length === 0 || positionals.includes(name))
    for (const line of bench(options)) console.log(`${name}: ${line}`);
