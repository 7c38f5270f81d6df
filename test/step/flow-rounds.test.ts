import { describe, expect, it } from "vitest";
import type { Exposure } from "../../src/step/exposure.js";
import { moreFlows } from "../../src/step/flow-rounds.js";
import { stressShape } from "../../src/step/stress-settings.js";

const settings = stressShape.parse({
  flows: [{ from: "peer", to: "server" }],
  exposure: { packets: 1000 },
  duration: "1m",
  timeout: "10m",
});

/** 100 packets a second. */
const after = (packets: number, perQueue: Record<string, number> = {}): Exposure => ({
  seconds: packets / 100,
  packets,
  perQueue,
  planned: "1000 packets, 1m at most",
  reached: true,
  receivedBytes: 0,
});

describe("after the planned flows", () => {
  const countdown = { failed: [2000, 2100, 2200], clean: [] };
  const wanted = { missRate: 0.05, runs: countdown };

  it("more follow for as many packets as the bug takes, within the time limit", () => {
    expect(moreFlows(settings, after(1000), wanted)).toEqual({
      ...settings,
      duration: "590s",
      exposure: { packets: 2300, perQueue: true },
    });
    expect(moreFlows(settings, after(3300), wanted)).toBeUndefined();
    // A countdown is one per queue: the busiest has half of it yet to do.
    expect(moreFlows(settings, after(3300, { "eth0 rx-0": 1650, "eth0 rx-1": 1650 }), wanted)).toMatchObject({
      exposure: { packets: 1650 },
    });
  });

  it("none follow where nothing is known, where no work tells, or where it takes longer than it may", () => {
    expect(moreFlows(settings, after(1000), { ...wanted, runs: { failed: [], clean: [] } })).toBeUndefined();
    const third = { failed: [300, 310], clean: [6000, 6000, 6000, 6000] };
    expect(moreFlows(settings, after(1000), { ...wanted, runs: third })).toBeUndefined();
    expect(moreFlows({ ...settings, timeout: "30s" }, after(1000), wanted)).toBeUndefined();
    expect(moreFlows(settings, { ...after(1000), reached: false }, wanted)).toBeUndefined();
  });
});
