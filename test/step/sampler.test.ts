// What the sampler sends, also when a host wants to be believed: frames, kernel records, and their written form.
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { changedParts, readHostSample, readSeries } from "../../src/evidence/host-sample.js";
import { resetLines, resetsBetween } from "../../src/evidence/nic-resets.js";
import { openBoundedLog } from "../../src/step/bounded-log.js";
import { EventFinder } from "../../src/step/event-finder.js";
import { KeptText } from "../../src/step/kept-text.js";
import { KernelStream } from "../../src/step/kernel-stream.js";
import { FrameReader } from "../../src/step/sampler-frames.js";

const folder = mkdtempSync(join(tmpdir(), "sampler-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const frame = (name: string, text: string): string => `@${name} ${Buffer.byteLength(text)}\n${text}`;

function readFrames(bytes: Buffer, cuts: readonly number[]): ReadonlyMap<string, string>[] {
  const reader = new FrameReader();
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return edges.slice(1).flatMap((end, index) => reader.push(bytes.subarray(edges[index], end)));
}

describe("frames", () => {
  it("come back whole, whatever is in them and however the stream is cut", () => {
    const hostile = fc.oneof(
      fc.string(),
      fc.constantFrom("@end 0\n", "\n@begin 1\n2", "@meminfo 3\nabc@end 0\n"),
    );
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 5 }), fc.array(fc.nat()), (texts, cuts) => {
        const frames = texts.map((text, index) => frame(`counters:eth${index}`, text)).join("");
        const bytes = Buffer.from(frame("begin", "1.5") + frames + frame("end", ""));
        const rounds = readFrames(bytes, cuts);
        expect(rounds).toHaveLength(1);
        expect([...rounds[0]!.values()]).toEqual(["1.5", ...texts, ""]);
      }),
    );
  });

  it("may follow a login shell's greeting, but nothing may come between them", () => {
    const round = frame("begin", "1") + frame("end", "");
    expect(readFrames(Buffer.from(`Welcome to server\n${round}${round}`), [])).toHaveLength(2);
    const reader = new FrameReader();
    expect(reader.push(Buffer.from(`${round}forged\n${round}`))).toHaveLength(1);
    expect(reader.broken).toBe(true);
  });

  it("that are too long are skipped, not kept", () => {
    const reader = new FrameReader();
    reader.push(Buffer.from(`${frame("begin", "1")}@slabinfo 50000000\n`));
    const piece = Buffer.alloc(1_000_000, "x");
    for (let sent = 0; sent < 50; sent++) expect(reader.push(piece)).toEqual([]);
    const [round] = reader.push(Buffer.from(frame("end", "")));
    expect(round?.get("slabinfo")).toBe("");
  });
});

describe("the kernel's records", () => {
  function read(text: string, resume?: string): Record<"kernel" | "before" | "beats" | "joined", string> {
    const told = { kernel: "", before: "", beats: "", joined: "" };
    const stream = new KernelStream(
      "the-marker",
      {
        kernel: (line) => (told.kernel += line),
        before: (line) => (told.before += line),
        beat: ({ uptimeSeconds }) => (told.beats += `${uptimeSeconds} `),
        source: () => undefined,
        joined: () => (told.joined += "joined "),
      },
      () => 0,
    );
    stream.push(text);
    if (resume !== undefined) stream.push(resume);
    return told;
  }

  it("count from the marker on, and a record cannot beat for the machine", () => {
    const boot = "6b4f6c0a-5f7e-4d33-9a55-0e9a3f1a0001";
    const told = read(
      `6,1,1500000,-;old\n5,2,2000000,-;the-marker\n4,3,2500000,-,caller=T12;BUG: \\x0abeat 9 ${boot}\n` +
        ` SUBSYSTEM=pci\nbeat 2.6 ${boot}\nbeat nonsense\nbe`,
    );
    expect(told).toEqual({
      before: "[    1.500000] old\n",
      kernel: `[    2.000000] the-marker\n[    2.500000][    T12] BUG: \\x0abeat 9 ${boot}\n`,
      beats: "2.6 ",
      joined: "",
    });
  });

  it("tell of another watch that began after ours, not of one before", () => {
    const other = (number: number): string => `5,${number},3000000,-;tarbisect-watch-0123456789abcdef\n`;
    const own = "5,2,2000000,-;the-marker\n";
    expect(read(other(1) + own).joined).toBe("");
    expect(read(own + other(3), own + other(3)).joined).toBe("joined ");
  });

  it("that come again after a new connection are not told twice", () => {
    const first = "5,2,2000000,-;the-marker\n4,3,2500000,-;one\n";
    expect(read(first, `${first}4,4,2600000,-;two\n`).kernel.split("\n").length).toBe(4);
  });
});

describe("a log on disk", () => {
  it("keeps its start and its end within a limit", () => {
    const path = join(folder, "dmesg.log");
    const log = openBoundedLog(path, { headBytes: 1000, tailBytes: 500 });
    for (let line = 0; line < 1000; line++) log.add(`line ${line}\n`);
    log.close();
    expect(readFileSync(path, "utf8")).toMatch(/^line 0\n/);
    const parts = [1, 2].map((part) => readFileSync(`${path}.later-${part}`, "utf8"));
    expect(parts.join("")).toContain("line 999\n");
    const kept = statSync(path).size + parts.join("").length;
    expect(kept).toBeLessThanOrEqual(2000);
    expect(kept + log.lostBytes).toBe(8890);
  });

  it("of a short trial is one file", () => {
    const path = join(folder, "console.log");
    const log = openBoundedLog(path);
    log.add("all of it\n");
    log.close();
    expect([readFileSync(path, "utf8"), existsSync(`${path}.later-1`)]).toEqual(["all of it\n", false]);
  });

  it("is remembered likewise", () => {
    const kept = new KeptText(20);
    for (let line = 0; line < 100; line++) kept.add(`line ${line}\n`);
    expect(kept.text()).toMatch(
      /^line 0\nline 1\n\n\.\.\. \d+ characters left out \.\.\.\nline 98\nline 99\n$/,
    );
  });
});

describe("the first event", () => {
  it("is one of a broken kernel, with the stack that came after its headline", () => {
    const finder = new EventFinder();
    finder.add("[ 1.0] e1000 0000:00:02.0: Detected Tx Unit Hang\n");
    expect(finder.find()).toBeUndefined();
    finder.add("[ 2.0] BUG: kernel NULL pointer dereference, address: 0000000000000010\n");
    expect(finder.find()?.class).toBe("null-pointer-dereference");
    finder.add("[ 2.0] RIP: 0010:tbnic_clean_rx+0x10/0x20 [tbnic]\n");
    expect(finder.find()?.title).toContain("tbnic_clean_rx");
  });
});

const files = (uptime: number, packets: number): Map<string, string> =>
  new Map([
    ["begin", `${uptime}`],
    ["meminfo", `MemTotal:  1000 kB\nMemFree:  ${500 - uptime} kB\n`],
    ["vmstat", `pgalloc_normal ${100 + uptime}\npgfree 90\nnr_free_pages 5\n`],
    [
      "slabinfo",
      "slabinfo - version: 2.1\nkmalloc-64  10  20  64  64  1 : tunables 0 0 0 : slabdata 1 1 0\n",
    ],
    [
      "softnet",
      "0000000a 00000000 00000001 0 0 0 0 0 0 0 0 00000000 00000000\n".replaceAll(" 0 ", " 00000000 "),
    ],
    ["link:eth0", `carrier 1\ncarrier_changes 2\nrx_packets ${packets}\n`],
    ["counters:eth0", `NIC statistics:\n     rx_queue_0_packets: ${packets}\n     resets: 0\n`],
  ]);

describe("a series", () => {
  it("holds only what changed, and reads back as what was measured", () => {
    const samples = [1, 2, 3].map((time) => readHostSample(files(time, time * 10)));
    const lines = samples.map((sample, index) => ({
      atMs: index,
      stage: "stress",
      ...(index === 0 && { full: true }),
      sample: index === 0 ? sample : changedParts(samples[index - 1], sample),
    }));
    expect(Object.keys(lines[1]!.sample as object)).toEqual([
      "uptimeSeconds",
      "memory",
      "vmstat",
      "nics",
      "livePages",
    ]);
    const text = `${lines.map((line) => JSON.stringify(line)).join("\n")}\n{"atMs":3,"sam`;
    expect(readSeries(text).map(({ sample }) => sample)).toEqual(samples);
    expect(samples[0]).toMatchObject({ livePages: 11, slabs: { "kmalloc-64": [10, 20, 4096] } });
  });

  it("shows a reset of the interface", () => {
    const before = readHostSample(files(1, 1000));
    expect(resetsBetween(before, readHostSample(files(2, 2000)))).toEqual([]);
    expect(resetsBetween(before, readHostSample(files(2, 5)))).toEqual([
      "eth0: rx_packets fell, so the driver began anew",
    ]);
    const flapped = files(2, 2000);
    flapped.set("link:eth0", "carrier 1\ncarrier_changes 4\nrx_packets 2000\n");
    flapped.set("counters:eth0", "NIC statistics:\n     rx_queue_0_packets: 2000\n     resets: 1\n");
    expect(resetsBetween(before, readHostSample(flapped))).toEqual([
      "eth0: the carrier changed 2 times",
      "eth0: resets rose to 1",
    ]);
    expect(resetsBetween(before, readHostSample(new Map([["begin", "3"]])))).toEqual(["eth0 is gone"]);
    expect(resetLines("[ 1.0] igb 0000:01:00.0: Reset adapter\n[ 2.0] all well\n")).toHaveLength(1);
  });
});
