// A module made here by the compiler: its symbols, its lines, and what was inlined.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readModuleSymbols } from "../../src/build/module-symbols.js";
import { parseAddr2line, sourceLines } from "../../src/build/source-lines.js";

let folder = "";
const at = (name: string): string => join(folder, name);

const source = [
  "extern void demo_free(void *);",
  "static inline __attribute__((always_inline)) void demo_put(void *page)",
  "{",
  "\tdemo_free(page);",
  "}",
  "int demo_poll(void **ring, int budget)",
  "{",
  "\tfor (int i = 0; i < budget; i++)",
  "\t\tdemo_put(ring[i]);",
  "\treturn budget;",
  "}",
  '__attribute__((section(".init.text"))) int demo_probe(void) { return 7; }',
];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tarbisect-symbols-"));
  writeFileSync(at("demo_rx.c"), `${source.join("\n")}\n`);
  for (const [flags, output] of [
    ["-g", "demo-nic.ko"],
    ["-g0", "bare.ko"],
  ] as const)
    execFileSync("gcc", ["-O2", flags, "-c", "demo_rx.c", "-o", output], { cwd: folder });
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("a module", () => {
  test("names itself as the kernel does, and knows its functions' sections", async () => {
    const symbols = await readModuleSymbols(at("demo-nic.ko"));
    expect(symbols).toMatchObject({ module: "demo_nic", relocatable: true, hasLines: true });
    expect(symbols.symbols.filter((s) => s.isFunction).map((s) => [s.name, s.section])).toEqual([
      ["demo_poll", ".text"],
      ["demo_probe", ".init.text"],
    ]);
  });

  test("gives each place its line with the inline chain, section by section", async () => {
    const symbols = await readModuleSymbols(at("demo-nic.ko"));
    const poll = symbols.symbols.find((s) => s.name === "demo_poll")!;
    const places = Array.from({ length: poll.sizeBytes }, (_, i) => ({
      section: ".text",
      address: poll.value + i,
    }));
    const chains = await sourceLines(symbols, [...places, { section: ".init.text", address: 0 }]);
    expect(chains).toHaveLength(places.length + 1);
    expect(chains).toContainEqual([
      { function: "demo_put", file: at("demo_rx.c"), line: 4 },
      { function: "demo_poll", file: at("demo_rx.c"), line: 9 },
    ]);
    expect(chains.at(-1)).toEqual([{ function: "demo_probe", file: at("demo_rx.c"), line: 12 }]);
  });

  test("without debug information still has its symbols", async () => {
    const symbols = await readModuleSymbols(at("bare.ko"));
    expect(symbols.hasLines).toBe(false);
    expect(symbols.symbols.some((s) => s.name === "demo_poll")).toBe(true);
  });

  test("that is none, or is not there, is the user's mistake", async () => {
    await expect(readModuleSymbols(at("demo_rx.c"))).rejects.toMatchObject({ blame: "usage" });
    await expect(readModuleSymbols(at("nothing.ko"))).rejects.toMatchObject({ blame: "usage" });
  });

  test("an addr2line that is not installed is no word on the module", async () => {
    const symbols = await readModuleSymbols(at("demo-nic.ko"));
    await expect(
      sourceLines(symbols, [{ section: ".text", address: 0 }], { addr2line: "no-such-addr2line" }),
    ).rejects.toMatchObject({ blame: "harness" });
  });
});

test("addr2line's answers: unknown lines, discriminators, paths with ..", () => {
  expect(
    parseAddr2line(
      "0x0000000000000010\ndemo_put\n/b/src/../include/demo.h:7 (discriminator 3)\ndemo_poll\n/b/src/demo_rx.c:9\n0x0000000000000020\n??\n??:0\n0x0000000000000030\ndemo_up\n??:?\n",
    ),
  ).toEqual([
    [
      { function: "demo_put", file: "/b/include/demo.h", line: 7 },
      { function: "demo_poll", file: "/b/src/demo_rx.c", line: 9 },
    ],
    [],
    [{ function: "demo_up" }],
  ]);
});
