// No text may make the reader throw or run long: cut anywhere, mixed, repeated, or made to be slow.
import fc from "fast-check";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readEvidence } from "../../src/evidence/read-evidence.js";
import { readKernelLog } from "../../src/evidence/kernel-log.js";
import { packageRoot } from "../../src/host/package-root.js";

const folder = join(packageRoot, "test/fixtures/logs");
const logs = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
const allLines = logs.flatMap((log) => log.split("\n"));

function check(text: string): void {
  for (const event of readKernelLog(text)) {
    expect(event.title).not.toBe("");
    expect(event.signature).not.toMatch(/0x|undefined/);
    for (const frame of event.frames) expect(frame.function).not.toBe("");
  }
}

test("every log, cut before and after every line", () => {
  for (const log of logs) {
    const lines = log.split("\n");
    for (let i = 0; i <= lines.length; i++) {
      check(lines.slice(0, i).join("\n"));
      check(lines.slice(i).join("\n"));
    }
  }
});

test("lines in any order, cut at any character", () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(allLines), fc.nat(400), (lines, cut) => {
      check(lines.join("\n").slice(0, -cut - 1));
    }),
    { numRuns: 150 },
  );
});

test("two logs interleaved at random: nothing is lost when the lines carry caller ids", () => {
  const carry = (log: string, caller: string): string[] =>
    log
      .trimEnd()
      .split("\n")
      .map((line) => `[    1.000000][ ${caller}] ${line.replace(/^\[ *[\d.]+\] /, "")}`);
  const one = carry(
    logs.find((log) => log.includes("demo_clean_rx_irq"))!,
    "T41",
  );
  const two = carry(
    logs.find((log) => log.includes("demo_service_task"))!,
    "C1",
  );
  const alone = [one, two].map((lines) => readKernelLog(lines.join("\n"))[0]!);
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 80, maxLength: 80 }), (choices) => {
      const [a, b] = [[...one], [...two]];
      const mixed: string[] = [];
      while (a.length + b.length > 0) {
        const first = a.length > 0 && (b.length === 0 || choices[mixed.length] === true);
        mixed.push((first ? a : b).shift()!);
      }
      const events = readKernelLog(mixed.join("\n"));
      expect(new Set(events.map((e) => e.signature))).toEqual(new Set(alone.map((e) => e.signature)));
      for (const event of events)
        expect(event.frames).toEqual(alone.find((e) => e.signature === event.signature)?.frames);
    }),
    { numRuns: 40 },
  );
});

test("any string at all", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      check(text);
      readEvidence(text);
    }),
    { numRuns: 300 },
  );
});

const starts = [
  "",
  "[    1.0] ",
  "BUG: KASAN: ",
  "WARNING: ",
  "Modules linked in: ",
  "RIP: 0010:",
  " ? ",
  "{",
  "> ",
];
const pieces = [
  "a",
  " ",
  "(",
  "[",
  "<",
  "[<",
  "a ",
  "a(",
  "+0x1",
  "0",
  ":",
  "/",
  ".",
  "a:1 ",
  "[a] ",
  "> ",
  "\t",
  "-safe",
];

describe("a line of 20,000 characters is read in no time, whatever it repeats", () => {
  test.each(starts)("after %j", (start) => {
    const begun = process.cpuUsage();
    for (const piece of pieces) {
      const long = start + piece.repeat(20_000 / piece.length);
      check(`kernel BUG at drivers/demo.c:1!\n${long}\n${long}`);
      readEvidence(long);
    }
    expect(process.cpuUsage(begun).user / 1e6).toBeLessThan(5);
  });
});

test("many blank lines are no work either", () => {
  const begun = process.cpuUsage();
  readEvidence(`NIC statistics:\nMemTotal: 1 kB\n  NET_RX: 1\n${"\n ".repeat(100_000)}`);
  expect(process.cpuUsage(begun).user / 1e6).toBeLessThan(3);
});
