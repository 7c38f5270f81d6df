import { describe, expect, it } from "vitest";
import type { ModuleSymbols } from "../../src/build/module-symbols.js";
import { attributeEvent, compareSigns, signOf } from "../../src/evidence/failure-sign.js";
import { readKernelLog } from "../../src/evidence/kernel-log.js";

const event = (text: string) => readKernelLog(text)[0]!;
const fault = (ip: string, frames: readonly string[]): string =>
  `BUG: unable to handle page fault for address: ffffc90000e00000\nRIP: 0010:${ip}\nCall Trace:\n${frames.map((f) => ` ${f}\n`).join("")}---[ end trace 0000000000000000 ]---\n`;

const inModule = event(fault("demo_clean_rx+0x13/0x20 [demo_nic]", ["demo_poll+0x10/0x40 [demo_nic]"]));
const below = event(
  fault("free_unref_page+0x13/0x20", ["page_frag_free+0x1/0x9", "demo_poll+0x10/0x40 [demo_nic]"]),
);
const stale = event(
  fault("free_unref_page+0x13/0x20", ["? demo_poll+0x10/0x40 [demo_nic]", "do_exit+0x1/0x9"]),
);
const rss = event("BUG: Bad rss-counter state mm:00000000 type:MM_FILEPAGES val:4\n");
const machine = event("mce: [Hardware Error]: CPU 3: Machine Check Exception: 5 Bank 4: be00000000800400\n");
const panic = event("Kernel panic - not syncing: System is deadlocked on memory\n");

function symbols(sizeBytes: number): ModuleSymbols {
  const code = (name: string, value: number) => ({
    name,
    section: ".text",
    value,
    sizeBytes,
    isFunction: true,
  });
  return {
    module: "demo_nic",
    path: "demo-nic.ko",
    relocatable: true,
    sectionBytes: new Map([[".text", 4 * sizeBytes]]),
    symbols: [code("demo_poll", 0), code("demo_other", sizeBytes), code("demo_last", 2 * sizeBytes)],
    hasLines: false,
  };
}
const unknown = { name: "demo-nic", symbols: undefined };

describe("whose a failure is", () => {
  it("is told by frames that were called, in the module under test", () => {
    expect(
      [inModule, below, stale, rss, machine, panic].map((each) => attributeEvent(each, unknown)),
    ).toEqual(["module", "module", "corruption", "corruption", "hardware", "elsewhere"]);
    expect(attributeEvent(below, { ...unknown, name: "other" })).toBe("corruption");
  });

  it("is another build's where the functions are of other sizes", () => {
    expect(attributeEvent(below, { ...unknown, symbols: symbols(0x40) })).toBe("module");
    expect(attributeEvent(below, { ...unknown, symbols: symbols(0x50) })).toBe("other-build");
  });
});

describe("two failures", () => {
  const sign = (each: typeof rss) => signOf(each, "demo_nic");

  it("of damaged memory may be one bug, wherever it is noticed", () => {
    expect(compareSigns(sign(rss), [sign(below)])).toBe("akin");
    expect(compareSigns(sign(rss), [sign(rss)])).toBe("same");
  });

  it.each([
    "Kernel panic - not syncing: corrupted stack end detected inside scheduler",
    "kernel BUG at mm/slub.c:379!",
    "BUG: spinlock bad magic on CPU#0, swapper/0/0",
  ])("of damaged memory: %s", (line) => {
    expect(compareSigns(sign(event(`${line}\n`)), [sign(rss)])).toBe("akin");
  });

  it.each([
    ["Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b", "akin"],
    ["Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000100", "other"],
    ["kernel BUG at drivers/net/demo/demo.c:435!", "other"],
    ["BUG: scheduling while atomic: demo/1/0x2", "other"],
  ])("of which one is damage: %s is %s", (headline, relation) => {
    expect(compareSigns(sign(event(`${headline}\n`)), [sign(rss)])).toBe(relation);
  });

  it("are two bugs when one is a fault in the module's own code", () => {
    expect(sign(inModule).family).toBeUndefined();
    expect(compareSigns(sign(inModule), [sign(rss)])).toBe("other");
    expect(compareSigns(sign(rss), [sign(inModule)])).toBe("other");
    expect(compareSigns(sign(rss), [])).toBe("other");
  });

  it("are one when memory ran out where it leaks", () => {
    expect(compareSigns(sign(panic), [{ signature: "leak", family: "leak" }])).toBe("akin");
  });
});
