import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { missChance, missProbability, workToFailure } from "../../src/evidence/clean-exposure.js";
import { throughputBlocks, throughputRatio } from "../../src/evidence/throughput-ratio.js";
import { seeded } from "./simulated-floors.js";

describe("what a clean run is worth", () => {
  it("is nothing while the bad end never failed", () => {
    expect(workToFailure({ failed: [], clean: [1e9] }, 0.05)).toBeUndefined();
    expect(missProbability(1e12, { failed: [], clean: [] })).toBe(1);
  });

  it.each([
    [1, 58.4],
    [3, 3.67],
    [5, 1.52],
  ])("after %d failures by chance needs %d times their whole work", (failures, times) => {
    const failed = Array.from({ length: failures }, (_, i) => 1000 * 10 ** i);
    const whole = failed.reduce((a, b) => a + b, 0);
    expect(workToFailure({ failed, clean: [] }, 0.05)).toMatchObject({ shape: "chance" });
    expect(workToFailure({ failed, clean: [] }, 0.05)!.neededPackets / whole).toBeCloseTo(times, 1);
  });

  it("against a countdown needs one and a half of the largest, and less is nothing", () => {
    const runs = { failed: [1000, 1100, 950], clean: [] };
    expect(workToFailure(runs, 0.05)).toEqual({
      shape: "countdown",
      failures: 3,
      largestPackets: 1100,
      neededPackets: 1650,
    });
    expect([900, 1200, 1650].map((packets) => missProbability(packets, runs))).toEqual([1, 0.25, 0.05]);
    expect(workToFailure({ ...runs, clean: [5000] }, 0.05)).toMatchObject({ shape: "chance" });
  });

  it("never grows with more work", () => {
    const works = fc.array(fc.integer({ min: 1, max: 1e9 }), { minLength: 1, maxLength: 6 });
    const work = fc.integer({ min: 0, max: 2e9 });
    fc.assert(
      fc.property(works, work, work, (failed, a, b) => {
        const miss = (packets: number): number => missProbability(packets, { failed, clean: [] });
        expect(miss(Math.max(a, b))).toBeLessThanOrEqual(miss(Math.min(a, b)));
      }),
    );
  });

  it("holds what it promises for failures by chance: at most one in twenty is missed", () => {
    const random = seeded(23);
    const draw = (): number => -Math.log(random()) * 1e6;
    const rounds = 2000;
    let missed = 0;
    for (let round = 0; round < rounds; round++) {
      const { neededPackets } = workToFailure({ failed: [draw(), draw(), draw()], clean: [] }, 0.05)!;
      if (draw() > neededPackets) missed++;
    }
    expect(missed / rounds).toBeLessThan(0.05);
  });

  it("is missed as often as is expected of failures by chance, whatever their rate", () => {
    const random = seeded(29);
    const rounds = 4000;
    for (const failures of [1, 2, 5]) {
      let [expected, missed] = [0, 0];
      for (let round = 0; round < rounds; round++) {
        const mean = 1e4 * 1000 ** random();
        const draw = (): number => -Math.log(random()) * mean;
        const failed = Array.from({ length: failures }, draw);
        const work = 3 * failed.reduce((a, b) => a + b, 0) * random();
        expected += missChance(work, { failed, clean: [] });
        if (draw() > work) missed++;
      }
      expect(Math.abs(missed - expected) / rounds).toBeLessThan(0.02);
    }
    expect(missChance(40_000, { failed: [12_000], clean: [] })).toBeCloseTo(12 / 52);
  });
});

describe("the ratio of two throughputs", () => {
  const random = seeded(31);
  const run = (mean: number, seconds: number): number[] =>
    Array.from({ length: seconds }, (_, second) => (second < 10 ? mean / 4 : mean * (0.9 + 0.2 * random())));

  it("leaves out the first seconds and has the true ratio in its interval", () => {
    const [good, bad] = [throughputBlocks(run(1e9, 130)), throughputBlocks(run(7e8, 130))];
    const found = throughputRatio(bad, good)!;
    expect(found.blocks).toEqual([12, 12]);
    expect(found.low).toBeLessThan(0.7);
    expect(found.high).toBeGreaterThan(0.7);
    expect(found.high).toBeLessThan(0.8);
    expect(throughputRatio(good, good)!.ratio).toBeCloseTo(1);
  });

  it("is not told of less than four blocks, nor of a reference that never moved", () => {
    expect(throughputRatio(throughputBlocks(run(1, 45)), throughputBlocks(run(1, 130)))).toBeUndefined();
    expect(throughputRatio(Array(12).fill(5), Array(12).fill(0))).toBeUndefined();
  });
});
