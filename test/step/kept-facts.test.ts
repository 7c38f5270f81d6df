import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import type { ModuleSymbols } from "../../src/build/module-symbols.js";
import type { HostSample } from "../../src/evidence/host-sample.js";
import { readFacts, writeFacts } from "../../src/step/kept-facts.js";
import { ringBytes } from "../../src/step/ring-bytes.js";
import { sampleOf } from "../../src/step/sample.js";
import type { TrialFacts } from "../../src/step/trial-facts.js";

const folder = mkdtempSync(join(tmpdir(), "kept-facts-"));
afterAll(() => rmSync(folder, { recursive: true }));

const sample = (rx: number): HostSample => ({
  uptimeSeconds: 30,
  memory: { MemAvailable: 9e8, SUnreclaim: 5e6, Cached: 1e6, Percpu: 4096 },
  unaccountedBytes: 7e6,
  livePages: 5000,
  vmstat: {},
  slabs: {},
  softirqs: {},
  softnet: {},
  nics: { eth0: { link: { rx_packets: rx }, counters: {} } },
});
const code = { section: ".text", sizeBytes: 32, isFunction: true };
const symbols: ModuleSymbols = {
  module: "fix",
  path: "fix.ko",
  relocatable: true,
  sectionBytes: new Map([[".text", 64]]),
  symbols: [
    { ...code, name: "fix_a", value: 0 },
    { ...code, name: "fix_b", value: 32 },
  ],
  hasLines: false,
};

it("facts are read back from a trial's folder as they were written", async () => {
  const facts: TrialFacts = {
    stage: "stress",
    stress: { kind: "stopped" },
    alarm: { kind: "silent", forMs: 20_000, peersReachIt: false },
    dead: true,
    rebooted: false,
    record: {
      samples: [1, 2].map((rx) => sampleOf(sample(rx), { atMs: rx * 1000, stage: "drain" })),
      kernelLog: "[1.0] a\n",
      console: "b\n",
      reconnects: 1,
      nicResets: ["eth0: the carrier changed 2 times"],
      shared: true,
    },
    lastBoot: "from pstore\nfrom the journal\n",
    module: { name: "fix", symbols },
    ringBytes: 262_144,
    afterUnload: { total: 1, pages: 2, slab: 3, other: 4 },
    throughput: [2e6, 4e6],
  };
  const lines = [1, 2].map((rx) => ({ atMs: rx * 1000, stage: "drain", full: true, sample: sample(rx) }));
  writeFileSync(join(folder, "samples.jsonl"), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  writeFileSync(join(folder, "dmesg.log"), "[1.0] a\n");
  writeFileSync(join(folder, "serial.log"), "b\n");
  mkdirSync(join(folder, "last-boot"));
  writeFileSync(join(folder, "last-boot/journal.log"), "from the journal\n");
  writeFileSync(join(folder, "last-boot/pstore-0-dmesg.log"), "from pstore");
  const intervals = Array.from({ length: 30 }, (_, s) => ({ sum: { bits_per_second: s < 20 ? 1e6 : 2e6 } }));
  for (const flow of [0, 1])
    writeFileSync(
      join(folder, `iperf3-${flow}-a-to-b.json`),
      JSON.stringify({ intervals, end: { sum: {} } }),
    );
  await writeFacts(folder, facts);
  expect(await readFacts(folder)).toEqual(facts);
});

it("a folder without facts has none", async () => {
  expect(await readFacts(join(folder, "last-boot"))).toBeUndefined();
});

it("what rings hold is told from the interfaces' settings", () => {
  expect(ringBytes({ "eth0 rings": "rx 64 tx 256", "eth0 mtu": "1500" })).toBe(64 * 4096);
  expect(ringBytes({ "a rings": "rx 512", "a channels": "combined 8", "b rings": "rx 80" })).toBe(
    4176 * 4096,
  );
  expect(ringBytes({})).toBe(0);
});
