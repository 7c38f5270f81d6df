// The moments in a trial's curves, and what a log said before its crash.
import { describe, expect, it } from "vitest";
import { readEvidence } from "../../src/evidence/read-evidence.js";
import { chartFile } from "../../src/report/chart-file.js";
import { readTrace } from "../../src/report/trace-excerpt.js";
import { readTrial } from "../../src/report/trial-record.js";

const samples = ["idle", "load", "load", "stress", "stress", "stress"].map((stage, second) =>
  JSON.stringify({
    atMs: 400 + second * 1000,
    stage,
    full: true,
    sample: { uptimeSeconds: 100 + second, memory: { MemAvailable: 1000 - second } },
  }),
);
const log = `[   90.000000] nic: an old complaint
[  102.100000] nic 0000:00:03.0 eth0: link up
[  105.250000] BUG: Bad page state in process swapper/0  pfn:7d518e
[  105.250001] CPU: 0 PID: 0 Comm: swapper/0 Tainted: G           OE      6.1.0 #1
[  105.250002] Call Trace:
[  105.250003]  bad_page+0x63/0x94
[  105.250004]  nic_poll+0x137f/0x1720 [nic]
`;

function marksOf(verdict: object, dmesg: string): [string, number, string][] {
  const files = new Map([
    ["verdict.json", JSON.stringify({ version: "1.0", commit: "a".repeat(40), verdict })],
    ["samples.jsonl", samples.join("\n")],
    ["peer-samples.jsonl", samples.slice(0, 2).join("\n")],
    ["dmesg.log", dmesg],
    [
      "stages.jsonl",
      '{"at":"2026-11-25T10:00:00Z","stage":"load","pid":4}\n{"at":"2026-11-25T10:00:01Z","stage":"x","pid":4}',
    ],
  ]);
  const folder = "e/2026-11-25T10-00-00Z-v1.0-0123456789";
  const { marks, series } = readTrial({ folder, files })!;
  expect(new Set(series.map(({ name }) => name))).toEqual(new Set(["available memory"]));
  return marks
    .filter(({ source }) => source === `${folder}/samples.jsonl`)
    .map(({ text, atSeconds, kind }) => [text, atSeconds, kind]);
}

const stages = [
  ["idle", 0, "stage"],
  ["load", 1, "stage"],
  ["stress", 3, "stage"],
];

describe("the moments of a trial", () => {
  it("are its stages, its crash by printk's clock, and its verdict", () => {
    expect(marksOf({ kind: "bad", cause: "crash", detail: "" }, log)).toEqual([
      ...stages,
      ["crash", 5.25, "crash"],
      ["bad", 5.25, "verdict"],
    ]);
    expect(marksOf({ kind: "good" }, "")).toEqual([...stages, ["good", 5, "verdict"]]);
  });

  it("hold no crash of another boot, whose clock began anew", () => {
    const other = log.replaceAll("[  105", "[    3");
    expect(marksOf({ kind: "bad", cause: "reboot", detail: "" }, other)).toEqual([
      ...stages,
      ["bad", 5, "verdict"],
    ]);
  });
});

describe("a chart in a file", () => {
  it("stands alone, and marks that are close to each other do not cover one another's words", () => {
    const marks = ["load", "configure", "stress", "crash", "bad"].map((text, at) => ({
      text,
      atSeconds: 90 + at * 0.2,
      kind: text === "crash" ? ("crash" as const) : ("stage" as const),
    }));
    const points = [
      [0, 1],
      [100, 5],
    ] as const;
    const { name, svg } = chartFile({
      title: "slab <b>",
      unit: "bytes",
      lines: [{ label: "x", kind: "bad", points }],
      marks,
    });
    expect(name).toBe("slab-b-.svg");
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"[^>]* width="760" height="280"><style>/);
    const labels = [...svg.matchAll(/<text class="tick (?:stage|crash)" x="[\d.]+" y="(\d+)"[^>]*>(\w+)</g)];
    expect(labels.map(([, y, text]) => [text, y])).toEqual([
      ["load", "10"],
      ["configure", "23"],
      ["stress", "36"],
    ]);
    expect(svg.match(/<line class="mark/g)).toHaveLength(5);
  });
});

describe("a trace", () => {
  it("brings the lines before its event", () => {
    const trace = readTrace("dmesg.log", log, readEvidence(log).events!, "nic");
    expect(trace?.before).toEqual(log.split("\n").slice(0, 2));
    expect(trace?.excerpt[0]).toContain("Bad page state");
  });
});
