import { expect, test } from "vitest";
import { readEthtoolStats, meaningOfCounter } from "../../src/evidence/ethtool-stats.js";
import { readIperf3 } from "../../src/evidence/iperf3.js";
import { readMeminfo } from "../../src/evidence/meminfo.js";
import { readMemleak } from "../../src/evidence/memleak.js";
import { readEvidence } from "../../src/evidence/read-evidence.js";
import { readSlabinfo } from "../../src/evidence/slabinfo.js";
import { readSoftirqs, readSoftnetStat } from "../../src/evidence/softirqs.js";
import { readVmstat } from "../../src/evidence/vmstat.js";

const stack = `\t\t__alloc_pages+0x237 [kernel]\n\t\t__alloc_pages+0x237 [kernel]\n\t\tdemo_alloc_rx.isra.0+0x14a [demo_nic]\n`;

test("memleak: a print's clock goes over midnight, the doubled frame counts once", () => {
  const prints = readMemleak(
    `[23:59:50] Top 10 stacks with outstanding allocations:\n\t4096 bytes in 1 allocations from stack\n${stack}` +
      `[00:00:20] Top 10 stacks with outstanding allocations:\n\t12288 bytes in 3 allocations from stack\n${stack}`,
  );
  expect(prints.map((p) => p.elapsedSeconds)).toEqual([0, 30]);
  expect(prints[0]?.stacks[0]?.frames.map((f) => [f.function, f.module])).toEqual([
    ["__alloc_pages", undefined],
    ["demo_alloc_rx", "demo_nic"],
  ]);
  expect(prints.map((p) => p.stacks[0]?.bytes)).toEqual([4096, 12288]);
});

test("memleak: newer full prints, libbpf-tools, lost stacks, deallocations", () => {
  const [print] = readMemleak(
    "\t64 bytes in 2 allocations from stack\n\t\t0xffffffffa1b2c3d4\tdemo_open+0x1c [demo_nic]\n" +
      "128 bytes in 1 allocations from stack\n\t0 [<ffffffffa1b2c3d4>] demo_probe+0x10/0x90\n" +
      "\t32 bytes in 1 allocations from stack\n\t\tstack information lost\n" +
      "146 deallocations from stack\n    kmem_cache_free+0x15e [kernel]\n",
  );
  expect(print?.stacks.map((s) => [s.kind, s.bytes, s.count, s.lost, s.key])).toEqual([
    ["allocations", 64, 2, false, "demo_open"],
    ["allocations", 128, 1, false, "demo_probe"],
    ["allocations", 32, 1, true, ""],
    ["deallocations", 0, 146, false, "kmem_cache_free"],
  ]);
});

test("meminfo: what no counter holds is a driver's", () => {
  const text =
    "MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 50 kB\nCached: 200 kB\nSwapCached: 0 kB\nAnonPages: 100 kB\nSlab: 50 kB\nKernelStack: 10 kB\nPageTables: 10 kB\nPercpu: 5 kB\nHugePages_Total: 0\n";
  expect(readMeminfo(text)?.unaccountedBytes).toBe(475 * 1024);
  expect(readMeminfo("MemTotal: 1000 kB\n")).toEqual({ fields: { MemTotal: 1024000 } });
  expect(readMeminfo("")).toBeUndefined();
});

test("vmstat, slabinfo, softirqs, softnet_stat", () => {
  expect(readVmstat("nr_free_pages 5\npgalloc_dma 10\npgalloc_normal 100\npgfree 90\n")?.livePages).toBe(20);
  expect(
    readSlabinfo(
      "slabinfo - version: 2.1\nkmalloc-2k 30 32 2048 16 8 : tunables 0 0 0 : slabdata 2 2 0\nskbuff_head_cache 9 30 256 30 2 : tunables 0 0 0 : slabdata 1 1 0\n",
    ),
  ).toEqual([
    { name: "kmalloc-2k", activeObjects: 30, objects: 32, objectBytes: 2048, slabBytes: 65536 },
    { name: "skbuff_head_cache", activeObjects: 9, objects: 30, objectBytes: 256, slabBytes: 8192 },
  ]);
  expect(readSoftirqs("        CPU0  CPU1\n  HI:  0 1\n  NET_RX:  12 34\n")).toEqual({
    HI: [0, 1],
    NET_RX: [12, 34],
  });
  expect(readSoftnetStat("000000ff 00000001 00000002 00000000 00000000\n")).toEqual([
    { cpu: 0, processed: 255, dropped: 1, timeSqueeze: 2 },
  ]);
});

test("ethtool -S: any driver's names, by their words", () => {
  const counters = readEthtoolStats("NIC statistics:\n     rx-0.packets: 77\n     rx_pg_alloc_fail: 3\n");
  expect(counters).toEqual({ "rx-0.packets": 77, rx_pg_alloc_fail: 3 });
  expect(Object.keys(counters ?? {}).map(meaningOfCounter)).toEqual(["queue-packets", "allocation-failure"]);
});

test("iperf3: complete, with an error, cut off", () => {
  const interval = { sum: { bits_per_second: 9.4e9, retransmits: 2, omitted: false } };
  const whole = {
    start: { test_start: { num_streams: 4 } },
    intervals: [interval],
    end: { sum_sent: { bytes: 8, retransmits: 2 }, sum_received: { bytes: 7 } },
  };
  expect(readIperf3(JSON.stringify(whole))).toEqual({
    state: "complete",
    streams: 4,
    bitsPerSecond: [9.4e9],
    retransmits: 2,
    sentBytes: 8,
    receivedBytes: 7,
  });
  expect(
    readIperf3(JSON.stringify({ intervals: [interval], end: {}, error: "unable to connect" })),
  ).toMatchObject({ state: "error", error: "unable to connect" });
  expect(readIperf3(JSON.stringify(whole).slice(0, -60))).toEqual({
    state: "cut",
    bitsPerSecond: [9.4e9],
    retransmits: 2,
  });
});

test("a file tells by its words what it is", () => {
  expect(
    Object.keys(readEvidence(`kernel BUG at mm/slub.c:1!\n\t64 bytes in 2 allocations from stack\n${stack}`)),
  ).toEqual(["events", "memleak"]);
  expect(readEvidence("hello")).toEqual({});
});

test("softnet_stat of older and newer kernels: 11, 13 and 15 columns", () => {
  const row = (...columns: number[]): string => columns.map((n) => n.toString(16).padStart(8, "0")).join(" ");
  const eleven = [255, 1, 2, 0, 0, 0, 0, 0, 0, 9, 7];
  const counts = { processed: 255, dropped: 1, timeSqueeze: 2, flowLimit: 7 };
  expect(readEvidence(`${row(...eleven)}\n${row(...eleven)}\n`).softnet).toEqual([
    { cpu: 0, ...counts },
    { cpu: 1, ...counts },
  ]);
  for (const more of [
    [3, 5],
    [3, 5, 0, 4],
  ])
    expect(readEvidence(`${row(...eleven, ...more)}\n`).softnet).toEqual([{ cpu: 5, ...counts, backlog: 3 }]);
});
