import { describe, expect, it } from "vitest";
import { judgeTrial, type JudgeRules, type TrialFacts } from "../../src/step/judge-trial.js";
import type { Sample } from "../../src/step/watch.js";

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
const any: JudgeRules = { memory: undefined, failure: "any" };

/** Unaccounted memory in MiB, a sample a second. */
function series(mib: readonly number[]): Sample[] {
  return mib.map((value, index) => ({
    atMs: index * 1000,
    stage: "stress",
    uptimeSeconds: 30 + index,
    unaccountedBytes: value * 1024 ** 2,
  }));
}

function judge(facts: Partial<TrialFacts>, rules: Partial<JudgeRules> = {}) {
  const judged = judgeTrial({ ...clean, ...facts }, { ...any, ...rules });
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

  it("is never made of what broke on our side while the target is well", () => {
    expect(judge({ stress: { kind: "broken", detail: "peer: iperf3 ended" } })).toMatchObject({
      kind: "fault",
      detail: "peer: iperf3 ended",
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
});
