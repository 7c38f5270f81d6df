import { describe, expect, it } from "vitest";
import { nothingKnown, type EndpointKnowledge } from "../../src/step/endpoint-knowledge.js";
import { judgeTrial, type JudgeRules } from "../../src/step/judge-trial.js";
import type { Sample } from "../../src/step/sample.js";
import type { TrialFacts } from "../../src/step/trial-facts.js";

const oops = `[   40.1] BUG: unable to handle page fault for address: ffffc90000e00000
[   40.1] RIP: 0010:fix_clean_rx+0x13/0x20 [fix]
[   40.1] Call Trace:
[   40.1]  fix_poll+0x10/0x20 [fix]
[   40.1] ---[ end trace 0000000000000000 ]---
`;
const record = { samples: [], kernelLog: "", console: "", reconnects: 0, nicResets: [] };
const clean: TrialFacts = {
  stage: "stress",
  stress: { kind: "clean" },
  alarm: undefined,
  dead: false,
  rebooted: false,
  record,
  lastBoot: "",
};
const any: JudgeRules = {
  memory: undefined,
  leak: undefined,
  missRate: 0.05,
  throughput: undefined,
  failure: "any",
};

/** Two samples of a machine with 200 MiB available, between which its kernel took so many. */
function taken(mib: number): Sample[] {
  const [first, last] = series([1, 1]) as [Sample, Sample];
  const holding = (total: number): Sample["kernelMemory"] => ({ total, pages: total, slab: 0, other: 0 });
  return [
    { ...first, memAvailableBytes: 200 * 1024 ** 2, kernelMemory: holding(0) },
    { ...last, kernelMemory: holding(mib * 1024 ** 2) },
  ];
}

/** Unaccounted memory in MiB, a sample a second. */
function series(mib: readonly number[]): Sample[] {
  return mib.map((value, index) => ({
    atMs: index * 1000,
    stage: "stress",
    uptimeSeconds: 30 + index,
    unaccountedBytes: value * 1024 ** 2,
    packets: 0,
  }));
}

function judge(
  facts: Partial<TrialFacts>,
  rules: Partial<JudgeRules> = {},
  known: Partial<EndpointKnowledge> = {},
) {
  const judged = judgeTrial({ ...clean, ...facts }, { ...any, ...rules }, { ...nothingKnown, ...known });
  return judged.kind === "fault" ? judged : judged.verdict;
}

describe("a trial's verdict", () => {
  it("is good when nothing was seen", () => {
    expect(judge({})).toEqual({ kind: "good" });
  });

  it.each(["kernelLog", "console"] as const)("is bad for a crash in the %s", (log) => {
    const crash = { record: { ...record, [log]: oops }, stress: { kind: "stopped" } } as const;
    expect(judge(crash)).toMatchObject({
      kind: "bad",
      cause: "crash",
      detail: expect.stringContaining("fix_clean_rx") as string,
    });
  });

  it("does not take a dump that begins in the middle of a backtrace for another crash", () => {
    const frames = ["show_opcodes", "show_ip", "show_iret_regs", "__show_regs", "show_regs", "die_addr"];
    const lines = frames.map((name) => `<4>[   40.1]  ${name}+0x10/0x80\n`);
    const crash = { dead: true, rebooted: true, lastBoot: `Oops#1 Part1\n${lines.join("")}` } as const;
    expect(judge({ ...crash, record: { ...record, console: oops } })).toMatchObject({
      kind: "bad",
      detail: expect.stringContaining("fix_clean_rx") as string,
    });
    expect(judge(crash)).toMatchObject({ kind: "bad", cause: "reboot" });
  });

  it("finds in what the last boot left why a machine without a console rebooted, but not an older crash", () => {
    const dead = { dead: true, rebooted: true, stress: { kind: "broken", detail: "lost" } } as const;
    expect(judge({ ...dead, lastBoot: oops })).toMatchObject({ kind: "bad", cause: "crash" });
    expect(
      judge({
        ...dead,
        lastBoot: oops,
        record: { ...record, samples: series([1]).map((s) => ({ ...s, uptimeSeconds: 50 })) },
      }),
    ).toMatchObject({ kind: "bad", cause: "reboot" });
  });

  it("is a skip for a failure unlike the one looked for, and for one before the stress", () => {
    const crash = { record: { ...record, kernelLog: oops } };
    expect(judge(crash, { failure: ["fix_poll"] })).toMatchObject({ kind: "bad" });
    expect(judge(crash, { failure: ["other_function"] })).toMatchObject({
      kind: "skip",
      cause: "other-failure",
    });
    expect(judge({ ...crash, stage: "load" })).toMatchObject({ kind: "skip", cause: "failed-before-stress" });
    expect(judge({ ...crash, stage: "load" }, { failure: ["fix_poll"] })).toMatchObject({ kind: "bad" });
  });

  it("of a silence is bad when no peer reaches it, and a fault when one does or none can tell", () => {
    const silent = (peersReachIt: boolean | undefined): Partial<TrialFacts> => ({
      dead: true,
      alarm: { kind: "silent", forMs: 20_000, peersReachIt },
      stress: { kind: "stopped" },
    });
    expect(judge(silent(false))).toMatchObject({ kind: "bad", cause: "hang" });
    expect(judge(silent(true))).toMatchObject({ kind: "fault" });
    expect(judge(silent(undefined))).toMatchObject({ kind: "fault" });
    expect(judge({ ...silent(undefined), rebooted: true })).toMatchObject({ kind: "bad", cause: "reboot" });
  });

  it("of a silence is bad when the machine's memory ran out, though its kernel still answers its peers", () => {
    const killed = (words: string): string =>
      `[  293.2] sh invoked oom-killer: gfp_mask=0x140dca(GFP_HIGHUSER_MOVABLE), order=0, oom_score_adj=0\n[  293.2] Call Trace:\n[  293.2]  __handle_mm_fault+0xa1d/0xfa0\n[  293.3] ${words}: Killed process 135 (dropbear) total-vm:4532kB\n`;
    const silent = (console: string): Partial<TrialFacts> => ({
      dead: true,
      alarm: { kind: "silent", forMs: 20_000, peersReachIt: true },
      stress: { kind: "stopped" },
      record: { ...record, console, samples: taken(180) },
    });
    expect(judge(silent(killed("Out of memory")))).toMatchObject({
      kind: "bad",
      cause: "memory",
      family: "leak",
      detail: "memory was exhausted: out of memory in __handle_mm_fault (during stress)",
    });
    const leak = { signs: [{ signature: "leak", family: "leak" as const }] };
    expect(judge(silent(killed("Out of memory")), { failure: "endpoint" }, leak).kind).toBe("bad");
    expect(judge(silent(killed("Memory cgroup out of memory"))).kind).toBe("fault");
    expect(judge({ ...silent(killed("Out of memory")), slowedBy: "memleak" }).kind).toBe("fault");
    const byProgram = { ...record, console: killed("Out of memory"), samples: taken(20) };
    expect(judge({ ...silent(""), record: byProgram }).kind).toBe("fault");
  });

  it("of traffic that ended is bad when the kernel's memory ran out and its server was killed for it", () => {
    const console = "[  293.3] x invoked oom-killer: y\n[  293.3] Out of memory: Killed process 9 (iperf3)\n";
    const stress = { kind: "broken", detail: "server: iperf3 -s: ended" } as const;
    const ended = { stress, record: { ...record, console, samples: taken(180) } };
    expect(judge(ended)).toMatchObject({ kind: "bad", cause: "memory", signature: "out-of-memory" });
    expect(judge({ ...ended, record: { ...ended.record, samples: taken(20) } }).kind).toBe("fault");
    expect(judge({ ...ended, record: { ...ended.record, console: "" } }).kind).toBe("fault");
  });

  it("is none of a target that its guard saved, unless a lost network is the bug looked for", () => {
    const saved = (guardActed: boolean): Partial<TrialFacts> => ({
      cutOff: { forMs: 70_000, guardActed },
      stress: { kind: "stopped" },
    });
    expect(judge(saved(false))).toMatchObject({ kind: "fault" });
    expect(judge(saved(true))).toMatchObject({
      kind: "fault",
      hint: expect.stringContaining("no-network") as string,
    });
    const wanted = { failure: ["no-network"] };
    expect(judge(saved(true), wanted)).toMatchObject({ kind: "bad", signature: "no-network" });
    expect(judge(saved(false), wanted)).toMatchObject({ kind: "fault" });
    const rebooted = { dead: true, rebooted: true, byGuard: true, stress: { kind: "stopped" } } as const;
    expect(judge(rebooted)).toMatchObject({ kind: "fault" });
    expect(judge({ ...rebooted, lastBoot: oops })).toMatchObject({ kind: "bad", cause: "crash" });
  });

  it("is bad by the health probe's word, but not when another failure is looked for, or for a crash's consequence", () => {
    const ill = { stress: { kind: "unhealthy", detail: "HEALTH_ERR 1 pgs inconsistent" } } as const;
    expect(judge(ill)).toMatchObject({ kind: "bad", cause: "unhealthy", signature: "unhealthy" });
    expect(judge(ill, { failure: ["unhealthy"] })).toMatchObject({ kind: "bad" });
    expect(judge(ill, { failure: ["pgs inconsistent"] })).toMatchObject({ kind: "bad" });
    expect(judge(ill, { failure: ["fix_poll"] })).toMatchObject({ kind: "skip", cause: "other-failure" });
    const crash = { record: { ...record, kernelLog: oops } };
    expect(judge({ ...ill, ...crash })).toMatchObject({ kind: "bad", cause: "crash" });
  });

  it("takes no stall beside memleak for the bug", () => {
    const stalled = { stress: { kind: "stalled", detail: "no packet" } } as const;
    expect(judge(stalled, { failure: ["stall"] })).toMatchObject({ kind: "bad" });
    expect(judge({ ...stalled, slowedBy: "memleak" }, { failure: ["stall"] })).toMatchObject({
      kind: "skip",
    });
  });

  it("is never made of what broke on our side while the target is well", () => {
    expect(judge({ stress: { kind: "broken", detail: "peer: iperf3 ended" } })).toMatchObject({
      kind: "fault",
      detail: "peer: iperf3 ended",
    });
    expect(judge({ record: { ...record, kernelLog: oops, shared: true } })).toMatchObject({
      kind: "fault",
      detail: "another tarbisect began a trial on the target in the middle of this one",
    });
    expect(judge({ stress: { kind: "stalled", detail: "no packet" } })).toMatchObject({ kind: "skip" });
    expect(judge({ record: { ...record, nicResets: ["eth0: link down"] } })).toMatchObject({
      kind: "skip",
      cause: "exposure-short",
    });
  });

  it("is bad when unaccounted memory passes a limit or a slope, and only then", () => {
    const limit = { unaccountedLimitBytes: 8 * 1024 ** 2, slopeLimitBytesPerMinute: undefined };
    const slope = { unaccountedLimitBytes: undefined, slopeLimitBytesPerMinute: 10 * 1024 ** 2 };
    const leak = { record: { ...record, samples: series(Array.from({ length: 30 }, (_, i) => 7 + i / 2)) } };
    const steady = {
      record: { ...record, samples: series([6, ...Array.from({ length: 29 }, (_, i) => 12 + (i % 2) / 4)]) },
    };
    for (const memory of [limit, slope]) {
      expect(judge(leak, { memory })).toMatchObject({ kind: "bad", cause: "memory" });
      expect(judge(steady, { memory })).toEqual({ kind: "good" });
    }
  });

  it("is another bug when it fails unlike the bad end, and speaks weaker when only the damage is alike", () => {
    const module = { name: "fix", symbols: undefined };
    const crash = { module, record: { ...record, kernelLog: oops } };
    const rss = {
      module,
      record: { ...record, kernelLog: "BUG: Bad rss-counter state mm:00 type:1 val:4\n" },
    };
    const own = judge(crash);
    expect(own).toMatchObject({ kind: "bad", likelihoodRatio: 199 });
    const known = (signature: string, family?: "corruption") => ({
      signs: [{ signature, ...(family && { family }) }],
    });
    const endpoint = { failure: "endpoint" } as const;
    expect(judge(crash, endpoint)).toEqual(own);
    expect(judge(crash, endpoint, known("rss-counter", "corruption"))).toMatchObject({
      kind: "skip",
      cause: "other-failure",
      detail: expect.stringContaining("fix_clean_rx") as string,
    });
    expect(judge(crash, endpoint, known((own as { signature: string }).signature))).toEqual(own);
    expect(judge(rss, endpoint, known("bad-page | x", "corruption"))).toMatchObject({
      kind: "bad",
      family: "corruption",
      likelihoodRatio: 9,
    });
    expect(judge(rss, { failure: "any" }, known("hang"))).toMatchObject({ kind: "bad" });
    expect(judge(rss, endpoint, known("hang"))).toMatchObject({ kind: "skip" });
  });

  it("is a fault when the processor reports its own error", () => {
    const text = "mce: [Hardware Error]: CPU 3: Machine Check Exception: 5 Bank 4: be00000000800400\n";
    const module = { name: "fix", symbols: undefined };
    expect(judge({ module, record: { ...record, kernelLog: text } })).toMatchObject({
      kind: "fault",
      detail: expect.stringContaining("hardware") as string,
    });
  });

  it("of a clean run is good only where the bug would hardly have been missed", () => {
    const exposure = (packets: number, reached = true) => ({
      exposure: { seconds: 10, packets, perQueue: {}, planned: "10s", reached, receivedBytes: 0 },
    });
    const countdown = { runs: { failed: [1000, 1050, 1100], clean: [] } };
    const chance = { runs: { failed: [100, 5000, 900], clean: [] } };
    const third = { runs: { failed: [300, 310], clean: [6000, 6000, 6000, 6000] } };
    expect(judge(exposure(1200), {}, countdown)).toMatchObject({
      kind: "skip",
      cause: "exposure-short",
      detail: expect.stringContaining("1650 are needed, 14 seconds at this load") as string,
      missChance: 0.25,
    });
    expect(judge(exposure(1650), {}, countdown)).toEqual({
      kind: "good",
      detail: "clean for 1650 packets, which the bug survives unseen with 5 %",
      missChance: 0.05,
    });
    expect(judge(exposure(6000), {}, chance)).toMatchObject({
      kind: "skip",
      cause: "exposure-short",
      detail: expect.stringMatching(
        /^clean for 6000 packets, which the bug survives unseen with 1\d %: \d+ are needed/,
      ) as string,
    });
    expect(judge(exposure(6000), { missRate: 0.3 }, chance)).toMatchObject({ kind: "good" });
    expect(judge(exposure(60_000), {}, chance)).toMatchObject({ kind: "good" });
    expect(judge(exposure(1e9), {}, third)).toMatchObject({
      kind: "skip",
      detail: expect.stringContaining("only repeats tell, as tarbisect bisect makes them") as string,
    });
    // As far as anyone knows, with a warning; but never less than was planned.
    expect(judge(exposure(6000))).toEqual({
      kind: "good",
      detail: "clean for 6000 packets; no failure of the bad end tells yet whether the bug takes more",
    });
    expect(judge(exposure(6000, false))).toMatchObject({
      kind: "skip",
      cause: "exposure-short",
      detail: "clean, but only 6000 packets in 10 s of 10s",
      missChance: 1,
    });
  });

  it("compares the throughput with the good end's", () => {
    const reference = { throughput: [100, 101, 99, 100, 102, 98, 100, 101] };
    const rules = { throughput: 0.9 };
    const slow = { throughput: reference.throughput.map((value) => value * 0.7) };
    expect(judge(slow, rules, reference)).toMatchObject({ kind: "bad", cause: "throughput" });
    expect(judge(reference, rules, reference)).toEqual({ kind: "good" });
    expect(judge({ throughput: [100] }, rules, reference)).toMatchObject({
      kind: "skip",
      cause: "undecided",
    });
    expect(judge(slow, rules)).toEqual({ kind: "good" });
  });

  it("of load and drain is bad with memory lost, good without, and neither when too little was seen", () => {
    const rules = { leak: { errorRate: 0.02, leastBytesPerPacket: 40 } };
    const cycles = (bytesPerPacket: number, count = 8) => ({
      record: { ...record, samples: cycleSamples(bytesPerPacket, count) },
    });
    expect(judge(cycles(100), rules)).toMatchObject({
      kind: "bad",
      cause: "memory",
      family: "leak",
      detail: expect.stringMatching(
        /^it loses 95\.4 MiB per million packets from the page allocator/,
      ) as string,
    });
    expect(judge(cycles(0), rules)).toMatchObject({
      kind: "good",
      detail: expect.stringMatching(/^no leak/) as string,
    });
    expect(judge(cycles(100, 3), rules)).toMatchObject({ kind: "skip", cause: "undecided" });
    // Likely, but not as sure as was asked for.
    for (const [leak, isLikelier] of [
      [100, true],
      [0, false],
    ] as const) {
      const open = judge(cycles(leak), { leak: { ...rules.leak, errorRate: 1e-30 } });
      expect(open).toMatchObject({ kind: "skip", cause: "undecided" });
      expect((open as { likelihoodRatio: number }).likelihoodRatio > 1).toBe(isLikelier);
    }
    expect(judge({}, rules)).toMatchObject({ kind: "fault" });
  });
});

/** Three idle seconds, then cycles of 5 s load with 10,000 packets each and 6 s drain. */
function cycleSamples(bytesPerPacket: number, count: number): Sample[] {
  const stages = [
    "idle",
    "idle",
    "idle",
    ...Array.from({ length: count }, () => [...loads, ...drains]).flat(),
  ];
  let packets = 0;
  return stages.map((stage, second) => {
    if (stage === "stress") packets += 2000;
    const total = 1e8 + packets * bytesPerPacket + (stage === "stress" ? 5e6 : 0);
    return {
      atMs: second * 1000,
      stage,
      uptimeSeconds: 30 + second,
      packets,
      kernelMemory: { total, pages: total, slab: 3e7, other: 1e6 },
    };
  });
}

const loads = Array.from({ length: 5 }, () => "stress");
const drains = Array.from({ length: 6 }, () => "drain");
