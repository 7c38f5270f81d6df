// The same bug on another run or another build has the same signature; another function has another.
import fc from "fast-check";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readKernelLog } from "../../src/evidence/kernel-log.js";
import { packageRoot } from "../../src/host/package-root.js";

const folder = join(packageRoot, "test/fixtures/logs");
const logs = readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }));
const signatures = (text: string): string[] => readKernelLog(text).map((event) => event.signature);

interface Change {
  seed: number;
  suffix: string;
  process: string;
}

/** What differs on another run or build: addresses, offsets, sizes, times, processes, CPUs, suffixes, build ids. */
function again(text: string, { seed, suffix, process }: Change): string {
  const other = (digits: string): string =>
    digits.replace(/(?!^)./g, (d) => ((parseInt(d, 16) + seed) % 10).toString());
  return text
    .replace(/\b[0-9a-f]{12,16}\b/g, other)
    .replace(/<[0-9a-f]{8}>/g, (address) => `<${other(address.slice(1, 9))}>`)
    .replace(
      /\+0x([0-9a-f]+)\/0x([0-9a-f]+)/g,
      (_all, o: string, s: string) => `+0x${other(o)}/0x${other(s)}0`,
    )
    .replace(/\b(demo_\w+?)(?:\.(?:isra|constprop|part|cold)(?:\.\d+)?)?\+/g, `$1${suffix}+`)
    .replace(/\[demo_nic [0-9a-f]+\]/g, `[demo_nic ${other("4f1c0a7e9d")}]`)
    .replace(/^\[ *\d+\.\d+\]/gm, `[ ${seed}.000001]`)
    .replace(/CPU: ?\d+/g, `CPU: ${seed % 64}`)
    .replace(/PID: \d+ Comm: \S+/g, `PID: ${seed} Comm: ${process}`)
    .replace(/Pid: \d+, comm: \S+/g, `Pid: ${seed}, comm: ${process}`);
}

const change = fc.record({
  seed: fc.integer({ min: 1, max: 9999 }),
  suffix: fc.constantFrom("", ".isra.0", ".constprop.3", ".part.12", ".cold", ".isra.7.cold.4", ".llvm.123"),
  process: fc.constantFrom("iperf3", "kworker/3:1", "swapper/5", "ethtool"),
});

test.each(logs)("$name again", ({ text }) => {
  const first = signatures(text);
  expect(first.length).toBeGreaterThan(0);
  fc.assert(
    fc.property(change, (changed) => {
      expect(signatures(again(text, changed))).toEqual(first);
    }),
    { numRuns: 25 },
  );
});

test("another function is another bug", () => {
  for (const { text } of logs) {
    const renamed = text.replaceAll("demo_", "other_").replaceAll("other_nic", "demo_nic");
    for (const signature of signatures(text).filter((s) => s.includes("demo_nic:")))
      expect(signatures(renamed)).not.toContain(signature);
  }
});

test("without a function the title stands for it, without its numbers", () => {
  const panic = (blocks: string): string[] =>
    signatures(`Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(${blocks})`);
  expect(panic("8,1")).toEqual(panic("0,17"));
  expect(panic("8,1")).not.toEqual(signatures("Kernel panic - not syncing: Attempted to kill init!"));
});
