import { expect, test } from "vitest";
import { readHeldMemory } from "../../src/evidence/held-memory.js";
import { judgeMemleak, type MemleakContext } from "../../src/evidence/judge-memleak.js";
import { nameModule, readMemleak, renderMemleak } from "../../src/evidence/memleak.js";
import { readEvidence } from "../../src/evidence/read-evidence.js";
import { readRings, ringBuffers } from "../../src/evidence/rings.js";

const summary = (text: string): unknown =>
  readHeldMemory(text).map((s) => [s.source, s.bytes, s.count, s.frames.map((f) => f.function)]);

test("kmemleak: objects of one stack together, with and without addresses", () => {
  const one = (frames: string): string =>
    `unreferenced object 0xffff888101 (size 512):\n  comm "insmod", pid 123, jiffies 4294 (age 12.300s)\n` +
    `  hex dump (first 32 bytes):\n    00 00 00 00 00 00 00 00  ........\n  backtrace (crc 7f3a):\n${frames}\n`;
  const old =
    "    [<00000000abcd1234>] demo_alloc+0x1c/0x90 [demo_nic]\n    [<00000000abcd9999>] demo_open+0x2/0x40";
  const recent = "    demo_alloc+0x1c/0x90 [demo_nic]\n    demo_open+0x2/0x40";
  expect(summary(one(old) + one(recent))).toEqual([["kmemleak", 1024, 2, ["demo_alloc", "demo_open"]]]);
});

test("page_owner: every page, sorted, and by its stacks", () => {
  const block =
    "Page allocated via order 1, mask 0x152a20(GFP_ATOMIC), pid 9, tgid 9 (ksoftirqd/0), ts 123 ns\n" +
    "PFN 0x13a8e1 type Unmovable Block 2513 type Unmovable Flags 0x17ffffc0000000(node=0|zone=2)\n" +
    " post_alloc_hook+0x177/0x1a0\n demo_alloc_rx+0x14a/0x200 [demo_nic]\n\n";
  const calls = ["post_alloc_hook", "demo_alloc_rx"];
  expect(summary(block + block)).toEqual([["page-owner", 16_384, 2, calls]]);
  expect(summary(`7 times, 14 pages:\n${block}`)).toEqual([["page-owner", 57_344, 7, calls]]);
  const stack = " post_alloc_hook+0x177/0x1a0\n demo_alloc_rx+0x14a/0x200 [demo_nic]\n";
  expect(summary(`${stack}nr_base_pages: 16\n\n${stack}stack_count: 4\n\n`)).toEqual([
    ["page-owner", 81_920, 20, calls],
  ]);
});

test("a kmemleak file is an event for the log's reader and held memory for the ledger", () => {
  const text =
    'unreferenced object 0xffff888101 (size 512):\n  comm "insmod", pid 123, jiffies 4294\n  backtrace:\n    demo_open+0x2/0x40 [demo_nic]\n';
  expect(readEvidence(text)).toMatchObject({
    events: [{ kind: "memory-leak", title: "memory leak in demo_open" }],
    held: [{ bytes: 512 }],
  });
});

const ethtool =
  "Ring parameters for ens1f0:\nPre-set maximums:\nRX:\t\t4096\nTX:\t\t4096\nCurrent hardware settings:\nRX:\t\t512\nRX Mini:\tn/a\nTX:\t\t256\n" +
  "Channel parameters for ens1f0:\nPre-set maximums:\nCombined:\t64\nCurrent hardware settings:\nRX:\t\tn/a\nTX:\t\tn/a\nOther:\t\t1\nCombined:\t8\n";

test("ethtool -g and -l: the current settings, not the maxima", () => {
  const rings = readRings(ethtool);
  expect(rings).toEqual([{ interface: "ens1f0", rx: 512, tx: 256, rxQueues: 8 }]);
  expect(ringBuffers(rings)).toBe(4096);
  expect(ringBuffers([{ interface: "ens1f1", rx: 512 }])).toBeUndefined();
});

/** A print per `clock pages`. */
const memleak = (...prints: (readonly [string, number])[]): string =>
  prints
    .map(
      ([clock, pages]) =>
        `[${clock}] Top 10 stacks with outstanding allocations:\n\t${pages * 4096} bytes in ${pages} allocations from stack\n` +
        `\t\t__alloc_pages+0x237 [kernel]\n\t\tdemo_alloc_rx+0x14a [demo_nic]\n`,
    )
    .join("\n");
const verdict = (text: string, context: MemleakContext): string | undefined =>
  judgeMemleak(readMemleak(text), context)[0]?.verdict;

test("memleak: what healthy rings hold is no leak, however often it is printed", () => {
  const text = memleak(["21:43:55", 8730], ["21:44:13", 8736]);
  expect(verdict(text, { ringBuffers: 512 * 64 * 2 })).toBe("within-rings");
  expect(verdict(text, {})).toBe("cannot-tell");
});

test("memleak: gigabytes under load that are gone afterwards are no leak either", () => {
  const text = memleak(["22:16:33", 1_680_937], ["22:24:33", 5966]);
  expect(verdict(text, { ringBuffers: 512 * 64 * 2 })).toBe("given-back");
});

test("memleak: only prints after the load's end, and late enough, prove that memory is lost", () => {
  const text = memleak(["23:59:00", 90_000], ["00:00:30", 90_000], ["00:02:00", 90_000]);
  expect(verdict(text, { stopped: "23:58:00", ringBuffers: 4096 })).toBe("not-given-back");
  expect(verdict(text, { stopped: "00:00:00", ringBuffers: 4096 })).toBe("not-given-back");
  expect(verdict(text, { stopped: "00:01:30", ringBuffers: 4096 })).toBe("cannot-tell");
  const early = memleak(["10:00:05", 90_000], ["10:00:25", 90_000]);
  expect(judgeMemleak(readMemleak(early), { stopped: "10:00:00" })[0]).toMatchObject({
    verdict: "cannot-tell",
    reason: "5 s to 25 s after the load's end is too short a drain: wait 60 s",
  });
});

test("memleak: what sockets give back after the load hides no leak beside it", () => {
  const text = memleak(["10:00:03", 7230], ["10:00:24", 3598], ["10:00:47", 3597], ["10:01:10", 3585]);
  expect(judgeMemleak(readMemleak(text), { stopped: "10:00:00", ringBuffers: 1024 })[0]).toMatchObject({
    verdict: "not-given-back",
    reason: "it does not fall from 47 s to 70 s after the load's end",
  });
  const draining = memleak(["10:00:03", 7230], ["10:00:40", 5000], ["10:01:10", 2000]);
  expect(judgeMemleak(readMemleak(draining), { stopped: "10:00:00", ringBuffers: 1024 })[0]).toMatchObject({
    verdict: "cannot-tell",
    reason: "it still falls from 40 s to 70 s after the load's end: wait longer",
  });
  expect(verdict(draining, { stopped: "10:00:00" })).toBe("given-back");
});

test("one file with several prints gives all of them", () => {
  const text = `${ethtool}\n${memleak(["10:00:00", 5])}\nMemTotal:        1000 kB\n`;
  expect(Object.keys(readEvidence(text))).toEqual(["memleak", "rings", "meminfo"]);
});

test("memleak of libbpf-tools: a clock without its zeros begins a print of its own", () => {
  const prints = readMemleak(memleak(["9:59:58", 5], ["10:0:8", 6]));
  expect(
    prints.map(({ clock, elapsedSeconds, stacks }) => [clock, elapsedSeconds, stacks[0]?.count]),
  ).toEqual([
    ["09:59:58", 0, 5],
    ["10:00:08", 10, 6],
  ]);
});

test("memleak of libbpf-tools: the module's frames are told by its symbols, and what is left is printed as it was read", () => {
  const print =
    "[14:41:10] Top 3 stacks with outstanding allocations:\n8192 bytes in 2 allocations from stack\n" +
    "\t0 [<ffffffff97ef9486>] __alloc_pages+0x256\n\t1 [<ffffffffc0482fb1>] demo_alloc_rx+0x301\n\t2 [<ffffffffc0990000>] demo_alloc_rx+0x1\n";
  const kallsyms =
    "ffffffffc0482cb0 t demo_alloc_rx\t[demo_nic]\nffffffffc0483000 t demo_poll\t[demo_nic]\nffffffffc0999000 d demo_data\t[demo_nic]\n";
  const named = readMemleak(nameModule(print, "demo_nic", kallsyms));
  expect(named[0]?.stacks[0]?.frames.map(({ function: name, module }) => [name, module])).toEqual([
    ["__alloc_pages", undefined],
    ["demo_alloc_rx", "demo_nic"],
    ["demo_alloc_rx", undefined],
  ]);
  expect(judgeMemleak(named)[0]).toMatchObject({ module: "demo_nic", function: "demo_alloc_rx" });
  const again = readMemleak(renderMemleak(named[0]!))[0]?.stacks[0];
  expect(again).toMatchObject({ bytes: 8192, count: 2, key: named[0]?.stacks[0]?.key });
});
