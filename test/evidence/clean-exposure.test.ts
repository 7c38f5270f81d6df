import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { missChance, workToFailure } from "../../src/evidence/clean-exposure.js";
import { throughputBlocks, throughputRatio } from "../../src/evidence/throughput-ratio.js";
import { seeded } from "./simulated-floors.js";

describe("what a clean run is worth", () => {
  it("is nothing while the bad end never failed", () => {
    expect(workToFailure({ failed: [], clean: [1e9] }, 0.05)).toBeUndefined();
    expect(missChance(1e12, { failed: [], clean: [] })).toBe(1);
  });

  it.each([
    [1, 19],
    [3, 1.71],
    [5, 0.82],
  ])("after %d failures by chance needs little more than %d times their whole work", (failures, times) => {
    const failed = Array.from({ length: failures }, (_, i) => 1000 * 10 ** i);
    const whole = failed.reduce((a, b) => a + b, 0);
    const found = workToFailure({ failed, clean: [] }, 0.05)!;
    expect(found.shape).toBe("chance");
    // More than in a world where every run has the bug: one in ten worlds was thought to be another.
    expect(found.neededPackets! / whole).toBeGreaterThan(times);
    expect(found.neededPackets! / whole).toBeLessThan(1.6 * times);
  });

  it("against a countdown needs one and a half of the largest, and less is nothing", () => {
    const runs = { failed: [1000, 1100, 950], clean: [] };
    expect(workToFailure(runs, 0.05)).toEqual({
      shape: "countdown",
      largestPackets: 1100,
      neededPackets: 1650,
    });
    expect([900, 1200, 1650].map((packets) => missChance(packets, runs))).toEqual([1, 0.25, 0.05]);
    expect(workToFailure({ ...runs, clean: [5000] }, 0.05)).toMatchObject({ shape: "chance" });
  });

  it("never grows with more work", () => {
    const works = fc.array(fc.integer({ min: 1, max: 1e9 }), { minLength: 1, maxLength: 6 });
    const work = fc.integer({ min: 0, max: 2e9 });
    fc.assert(
      fc.property(works, work, work, (failed, a, b) => {
        const miss = (packets: number): number => missChance(packets, { failed, clean: [] });
        expect(miss(Math.max(a, b))).toBeLessThanOrEqual(miss(Math.min(a, b)));
      }),
    );
  });

  it("is missed no more often than expected where a packet is enough, whatever the rate", () => {
    const random = seeded(29);
    const rounds = 1500;
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
      expect(missed / rounds).toBeLessThan(expected / rounds + 0.02);
      expect(missed / rounds).toBeGreaterThan(expected / rounds - 0.05);
    }
  });

  it("is never small where some loads of the bad end have no bug, however much work they do", () => {
    const runs = { failed: [3000, 2800, 3100], clean: Array<number>(6).fill(40_000) };
    expect(missChance(1e9, runs)).toBeGreaterThan(0.4);
    expect(missChance(1e9, runs)).toBeLessThan(0.8);
    expect(workToFailure(runs, 0.05)).toMatchObject({ shape: "chance", neededPackets: undefined });
    // Clean runs that were only too short say no such thing.
    const short = { failed: [30_000, 20_000, 12_000], clean: [40_000, 40_000] };
    expect(missChance(1e9, short)).toBeLessThan(0.02);
    expect(workToFailure(short, 0.05)!.neededPackets).toBeLessThan(500_000);
  });

  it("of a bug that only a third of the loads have lets hardly a clean run count", () => {
    const random = seeded(37);
    const rounds = 600;
    let believed = 0;
    for (let round = 0; round < rounds; round++) {
      const runs = { failed: [] as number[], clean: [] as number[] };
      while (runs.failed.length < 3) {
        const failsAt = random() < 1 / 3 ? -Math.log(random()) * 3000 : Infinity;
        if (failsAt < 40_000) runs.failed.push(failsAt);
        else runs.clean.push(40_000);
      }
      const isBelieved = missChance(1e7, runs) <= 0.05;
      if (isBelieved) believed++;
    }
    // Three failures in a row, once in 27, say that every load has it: nobody could tell.
    expect(believed / rounds).toBeLessThan(0.08);
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
