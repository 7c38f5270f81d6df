// A trial's facts on disk: what no log of its folder says goes to trial-facts.json, so that the trial can be judged again
// from its folder alone.
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ModuleSymbols } from "../build/module-symbols.js";
import { readSeries } from "../evidence/host-sample.js";
import { readIperf3 } from "../evidence/iperf3.js";
import { throughputBlocks } from "../evidence/throughput-ratio.js";
import { writeRecord } from "./evidence-folder.js";
import { sampleOf } from "./sample.js";
import type { TrialFacts } from "./trial-facts.js";

const factsFile = "trial-facts.json";
const symbolsFile = "module-symbols.json";

type WrittenFacts = Omit<TrialFacts, "record" | "lastBoot" | "module" | "throughput" | "alarm"> & {
  alarm?: TrialFacts["alarm"];
  nicResets: string[];
  shared?: true;
  reconnects: number;
  module?: string;
};

export async function writeFacts(folder: string, facts: TrialFacts): Promise<void> {
  const { stage, stress, alarm, dead, rebooted, record, module, exposure, ringBytes, afterUnload } = facts;
  const { byGuard, cutOff, slowedBy } = facts;
  const { nicResets, reconnects, shared } = record;
  const written: WrittenFacts = {
    ...{ stage, stress, dead, rebooted },
    ...(byGuard && { byGuard }),
    ...(cutOff && { cutOff }),
    ...(slowedBy !== undefined && { slowedBy }),
    ...(exposure && { exposure }),
    ...(ringBytes !== undefined && { ringBytes }),
    ...(afterUnload && { afterUnload }),
    ...(alarm && { alarm }),
    nicResets,
    ...(shared && { shared }),
    reconnects,
    ...(module && { module: module.name }),
  };
  if (module?.symbols !== undefined) await writeRecord(folder, symbolsFile, compactSymbols(module.symbols));
  await writeRecord(folder, factsFile, written);
}

/** Undefined for a folder of a trial that never came to its judge, or of a version that did not write its facts. */
export async function readFacts(folder: string): Promise<TrialFacts | undefined> {
  const text = await readText(folder, factsFile);
  if (text === "") return undefined;
  const { nicResets, reconnects, shared, module, alarm, ...plain } = JSON.parse(text) as WrittenFacts;
  return {
    ...plain,
    alarm,
    record: {
      samples: readSeries(await readText(folder, "samples.jsonl")).map(({ atMs, stage, sample }) =>
        sampleOf(sample, { atMs, stage }),
      ),
      kernelLog: await readText(folder, "dmesg.log"),
      console: await readText(folder, "serial.log"),
      reconnects,
      nicResets,
      ...(shared && { shared }),
    },
    lastBoot: await readLastBoot(folder),
    throughput: await readThroughput(folder),
    ...(module !== undefined && { module: { name: module, symbols: await readSymbols(folder) } }),
  };
}

/** Bits per second of all flows together, a value per ten seconds; of the flows that ran as planned, not of rounds after them. */
export async function readThroughput(folder: string): Promise<number[]> {
  const names = (await readdir(folder)).filter((name) => /^iperf3-[^+]*\.json$/.test(name));
  const flows = await Promise.all(names.map(async (name) => readIperf3(await readText(folder, name))));
  const series = flows.map(({ bitsPerSecond, plannedSeconds = bitsPerSecond.length }) =>
    throughputBlocks(bitsPerSecond, Math.max(1, Math.ceil(plannedSeconds / 600))),
  );
  const shortest = Math.min(...series.map((blocks) => blocks.length));
  if (!Number.isFinite(shortest)) return [];
  return Array.from({ length: shortest }, (_, block) =>
    series.reduce((sum, blocks) => sum + blocks[block]!, 0),
  );
}

/** As `collectLastBoot` gives it: pstore first, then the journal. */
async function readLastBoot(folder: string): Promise<string> {
  const inside = join(folder, "last-boot");
  const names = (await readdir(inside).catch(() => [])).sort().reverse();
  return (await Promise.all(names.map((name) => readText(inside, name)))).join("\n");
}

/** Functions are found by the symbols of their sections; data is of no use here. */
function compactSymbols(symbols: ModuleSymbols): object {
  const code = new Set(symbols.symbols.filter((each) => each.isFunction).map(({ section }) => section));
  return {
    ...symbols,
    sectionBytes: Object.fromEntries(symbols.sectionBytes),
    symbols: symbols.symbols.filter(({ section }) => code.has(section)),
  };
}

async function readSymbols(folder: string): Promise<ModuleSymbols | undefined> {
  const text = await readText(folder, symbolsFile);
  if (text === "") return undefined;
  const { sectionBytes, ...rest } = JSON.parse(text) as Omit<ModuleSymbols, "sectionBytes"> & {
    sectionBytes: Record<string, number>;
  };
  return { ...rest, sectionBytes: new Map(Object.entries(sectionBytes)) };
}

/** "" when it is not there: a host without a console has no serial.log. */
async function readText(folder: string, name: string): Promise<string> {
  const path = join(folder, name);
  return existsSync(path) ? readFile(path, "utf8") : "";
}
