import { applyPatch } from "diff";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareTrees } from "../../src/changes/compare-trees.js";
import { readEvidence } from "../../src/evidence/read-evidence.js";
import { parseBisectLog } from "../../src/bisect/git-log.js";
import { environmentOfRecord, firmwareWarnings } from "../../src/report/environment-facts.js";
import { partialPatch } from "../../src/report/partial-patch.js";
import { readSeries } from "../../src/report/read-series.js";
import { redactor } from "../../src/report/redact.js";
import { readTrace } from "../../src/report/trace-excerpt.js";
import { readTrial } from "../../src/report/trial-record.js";
import { wrap } from "../../src/report/wrap.js";

describe("wrap", () => {
  it("keeps every word in order, and a line longer than the limit is one word", () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{1,30}$/), { minLength: 1 }),
        fc.integer({ min: 10, max: 80 }),
        (words, columns) => {
          const lines = wrap(words.join(" "), columns, "  ");
          expect(lines.flatMap((line) => line.trim().split(" "))).toEqual(words);
          for (const line of lines.filter((one) => one.length > columns))
            expect(line.trim()).not.toContain(" ");
        },
      ),
    );
  });
});

describe("a patch of some functions", () => {
  it("turns exactly them into what they are in the new tree", () => {
    const body = (name: string, lines: readonly number[]): string =>
      `int ${name}(void)\n{\n${lines.map((line) => `\tdo_${line}();\n`).join("")}\treturn 0;\n}\n\n`;
    const lines = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 8 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(lines, lines, fc.boolean()), { minLength: 1, maxLength: 6 }),
        (functions) => {
          const text = (pick: (one: (typeof functions)[number]) => readonly number[]): string =>
            functions.map((one, at) => body(`f${at}`, pick(one))).join("");
          const old = text(([before]) => before);
          const current = text(([, after]) => after);
          const changes = compareTrees(
            { name: "1", files: new Map([["src/a.c", old]]) },
            { name: "2", files: new Map([["src/a.c", current]]) },
          );
          const wanted = changes.units.filter(({ name }) => functions[Number(name.slice(1))]?.[2]);
          const patch = partialPatch(wanted, new Map([["src/a.c", old]]), 1000);
          const expected = text(([before, after, taken]) => (taken ? after : before));
          if (patch === undefined) expect(expected).toBe(old);
          else expect(applyPatch(old, patch.text)).toBe(expected);
        },
      ),
    );
  });

  it("leaves out a name that a patch could not carry", () => {
    const files = (text: string) => new Map([['src/a"\n.c', text]]);
    const changes = compareTrees(
      { name: "1", files: files("int f(void)\n{\n\treturn 0;\n}\n") },
      { name: "2", files: files("int f(void)\n{\n\treturn 1;\n}\n") },
    );
    expect(changes.units.length).toBe(1);
    expect(partialPatch(changes.units, files("int f(void)\n{\n\treturn 0;\n}\n"), 100)).toBeUndefined();
  });
});

describe("redaction", () => {
  const redact = redactor(["2026-11-25T10:00:00+0000 db-7.example.org kernel: x"], {
    hosts: ["db-7.example.org", "web"],
    keep: new Set(["2.10.19.82"]),
  });

  it.each([
    ["db-7.example.org and DB-7", "host-1 and host-1"],
    ["web: up, webbing stays", "host-2: up, webbing stays"],
    ["from 10.0.0.9 to 10.0.0.9 and 10.0.0.8", "from 192.0.2.1 to 192.0.2.1 and 192.0.2.2"],
    ["i40e 2.10.19.82, version 5.3.5.22, v1.2.3.4", "i40e 2.10.19.82, version 5.3.5.22, v1.2.3.4"],
    ["fe80::1ff:fe23:4567:890a at 12:30:45", "2001:db8::1 at 12:30:45"],
    ["0000:43:00.0 is a card, a::b in C++ too", "0000:43:00.0 is a card, 2001:db8::2 in C++ too"],
    ["3C:FD:FE:AA:BB:CC", "02:00:00:00:00:01"],
    ["Serial Number: X-1/2, service tag=ABC", "Serial Number: [redacted], service tag=[redacted]"],
    ["root@ceph.example.com", "someone-1@example.org"],
    ["4c4c4544-0042-3510-8051-b4c04f4d4732", "00000000-0000-0000-0000-000000000001"],
  ])("of %j is %j", (before, after) => {
    expect(redact(before)).toBe(after);
  });
});

describe("what is read for a report", () => {
  it("never throws, whatever is in it", () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom(
        "# bad: [0123456789abcdef] x",
        "# first bad commit: [0123456789] y",
        '{"t":1,"a":2}',
        '{"atMs":1,"stage":"x","full":true,"sample":{"memory":{"MemAvailable":1}}}',
        '{"atMs":null,"sample":{}}',
        '{"atMs":2,"sample":{"nics":{"a":null,"b":{"link":{"rx_packets":"x"}}},"softirqs":{"NET_RX":"y"}}}',
        '{"atMs":3,"sample":{"nics":[1],"memory":3}}',
        "a,b",
        "BUG: kernel NULL pointer dereference, address: 0",
        "RIP: 0010:f+0x1/0x2 [nic]",
      ),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const text = lines.join("\n");
        parseBisectLog(text);
        firmwareWarnings([{ source: "a", text }]);
        for (const name of ["a.jsonl", "a.csv", "a.log"]) readSeries(name, text);
        readTrace("a", text, readEvidence(text).events ?? [], "nic");
        const files = new Map(
          ["settings.json", "verdict.json", "fault.json", "environment.json", "samples.jsonl", "x.log"].map(
            (name) => [name, text],
          ),
        );
        const record = readTrial({ folder: "e/2026-11-25T10-00-00Z-v1.0-0123456789", files });
        expect(record?.trial.verdict).toMatch(/^(cut|fault)$/);
      }),
    );
  });

  it("takes what a step on a target leaves: its environment, stages without a code, its own signature", () => {
    const record = readTrial({
      folder: "e/2026-11-25T10-00-00Z-v1.0-0123456789",
      files: new Map([
        ["environment.json", '{"bootId":"b","environment":{"kernel":"6.1","cards":[{"firmware":"8.2"}]}}'],
        [
          "verdict.json",
          '{"verdict":{"kind":"bad","cause":"crashed","detail":"x","signature":"oops | f"},"stages":[{"stage":"load","elapsedMs":7}]}',
        ],
      ]),
    });
    expect(record?.environment.map(({ name, value }) => `${name}: ${value}`)).toEqual([
      "kernel: 6.1",
      "cards 0 firmware: 8.2",
    ]);
    expect(record?.trial).toMatchObject({
      signature: "oops | f",
      durationMs: 7,
      stages: [{ stage: "load", elapsedMs: 7 }],
    });
  });

  it("takes a verdict only when it is one", () => {
    const verdictOf = (verdict: string): string | undefined =>
      readTrial({
        folder: "e/2026-11-25T10-00-00Z-v1.0-0123456789",
        files: new Map([["verdict.json", verdict]]),
      })?.trial.verdict;
    expect(verdictOf('{"verdict":{"kind":"bad","cause":"stress-failed","detail":"x"}}')).toBe("bad");
    for (const other of ['{"verdict":{"kind":"great"}}', '{"verdict":null}', "[]", '{"verdict":{"kind":"ba'])
      expect(verdictOf(other)).toBe("cut");
  });
});

describe("what a step wrote down of its target", () => {
  it("is read as names and values, a card in one line", () => {
    const record = {
      kernelBuild: "#1 SMP",
      memoryKib: 464100,
      cards: [{ name: "eth0", driver: "e1000", driverSource: "", pci: "0000:00:02.0" }],
      way: ["control0"],
    };
    expect(environmentOfRecord("e.json", record)).toEqual([
      { name: "kernel build", value: "#1 SMP", source: "e.json" },
      { name: "memory KiB", value: "464100", source: "e.json" },
      { name: "card eth0", value: "driver e1000, pci 0000:00:02.0", source: "e.json" },
      { name: "way", value: "control0", source: "e.json" },
    ]);
  });
});
