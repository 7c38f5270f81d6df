// The parts of a load that need no guest: what refuses a module, what holds it, what is compared.
import { describe, expect, it } from "vitest";
import { compareEnvironments, parseEnvironment } from "../../src/step/environment.js";
import { readRefusal } from "../../src/step/load-faults.js";

describe("a refused module", () => {
  const kmod = (words: string): string => `insmod: ERROR: could not insert module /tmp/fix.ko: ${words}\n`;

  it.each([
    ["Key was rejected by service", "", /signed modules only/],
    ["Required key not available", "", /signed modules only/],
    [
      "Operation not permitted",
      "Lockdown: insmod: unsigned module loading is restricted; see man kernel_lockdown.7",
      /locked down/,
    ],
    ["Operation not permitted", "", /not permitted/],
    [
      "Invalid module format",
      "fix: version magic '6.1.0-9-amd64' should be '6.1.0-56-amd64'",
      /another kernel/,
    ],
    ["File exists", "", /loaded already/],
  ])("is the machine's: %s", (words, log, says) => {
    expect(readRefusal(kmod(words), log)).toMatchObject({
      kind: "machine",
      detail: expect.stringMatching(says) as string,
    });
  });

  it("is the release's when a symbol is gone or its own start fails, in kmod's words and in busybox's", () => {
    const log = "fix: Unknown symbol page_frag_free (err -2)\nfix: Unknown symbol xdp_gone (err -2)";
    expect(readRefusal(kmod("Unknown symbol in module"), log)).toEqual({
      kind: "release",
      detail: "unknown symbol page_frag_free, xdp_gone",
    });
    expect(
      readRefusal("insmod: can't insert 'fix.ko': unknown symbol in module, or unknown parameter\n", log)
        .kind,
    ).toBe("release");
    expect(readRefusal(kmod("No such device"), "").kind).toBe("release");
  });
});

describe("the environment", () => {
  const text = (changes: Record<string, string> = {}): string => {
    const parts = {
      kernel: "6.1.0-56-amd64",
      build: "#1 SMP",
      cmdline: "quiet",
      memory: "MemTotal:         400000 kB",
      processors: "processor\t: 0\nmodel name\t: QEMU\nmicrocode\t: 0x1\nprocessor\t: 1\nmodel name\t: QEMU",
      tainted: "12288",
      way: "2: bond0    inet 10.0.0.5/24 scope global bond0\n/sys/class/net/bond0/lower_eth7",
      interfaces: "interface eth1 52:54:00:00:00:01 0000:01:00.0 igb",
      "card eth1": "0x8086\n0x1521\n0x8086\n0x0001\nABCD\ndriver: igb\nfirmware-version: 1.63, 0x800009fb",
      ...changes,
    };
    return Object.entries(parts)
      .map(([name, value]) => `== ${name}\n${value}\n`)
      .join("");
  };
  const first = parseEnvironment(text());

  it("is read with the card behind each interface and the way that we come", () => {
    expect(first).toMatchObject({
      processors: 2,
      processor: "QEMU",
      memoryKib: 400_000,
      failed: "",
      way: ["bond0", "eth7"],
    });
    expect(first.cards).toMatchObject([
      { name: "eth1", driver: "igb", firmware: "1.63, 0x800009fb", ids: "8086:1521 8086:0001" },
    ]);
    expect(parseEnvironment(text({ tainted: "12448" })).failed).toBe("bad page, oops");
  });

  it("differs by what the module does not bring along", () => {
    const differ = (changes: Record<string, string>): string[] =>
      compareEnvironments(first, parseEnvironment(text(changes))).map(({ what }) => what);
    expect(differ({})).toEqual([]);
    expect(differ({ memory: "MemTotal: 399000 kB" })).toEqual([]);
    expect(differ({ memory: "MemTotal: 200000 kB", cmdline: "quiet iommu=off" })).toEqual([
      "commandLine",
      "memory",
    ]);
    const card = "0x8086\n0x1521\n0x8086\n0x0001\nABCD\nfirmware-version: 1.70";
    expect(differ({ "card eth1": card })).toEqual(["card 0000:01:00.0 firmware"]);
    // Another driver may tell the same firmware in other words.
    expect(differ({ "card eth1": card.replace("ABCD", "FFFF") })).toEqual([]);
  });
});
