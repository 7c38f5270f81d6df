import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeLeak, leakText } from "../../src/evidence/leak-finding.js";
import { leakModel } from "../../src/evidence/leak-model.js";
import { testLeak, type LeakModel } from "../../src/evidence/leak-test.js";
import { memoryFloors, type Floor, type MemoryReading } from "../../src/evidence/memory-floors.js";
import { medianDeviation, median, theilSen } from "../../src/evidence/robust.js";
import { seeded, wanderingFloors, type Wandering } from "./simulated-floors.js";

const mib = 1024 ** 2;

describe("robust statistics", () => {
  it("of a line with a third of it wild are the line's", () => {
    const points = Array.from({ length: 12 }, (_, x) => ({ x, y: x % 4 === 3 ? -1e9 : 5 + 2 * x }));
    expect(theilSen(points)).toBe(2);
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(medianDeviation([1, 2, 3, 4, 1000])).toBeCloseTo(1.4826);
    expect(theilSen([{ x: 1, y: 1 }])).toBeUndefined();
  });
});

/** A reading a second: 4 s idle, then cycles of 6 s load and 6 s drain; `held` by second. */
function readings(seconds: number, held: (second: number) => number): MemoryReading[] {
  return Array.from({ length: seconds }, (_, second) => {
    const inCycle = second < 4 ? -1 : (second - 4) % 12;
    const total = held(second);
    return {
      atMs: second * 1000,
      stage: inCycle < 0 ? "idle" : inCycle < 6 ? "stress" : "drain",
      memory: { total, pages: total, slab: 0, other: 0 },
      packets: second * 100,
    };
  });
}

describe("the floors of a series", () => {
  it("are taken at the end of each drain, above what was held before and the rings", () => {
    const load = (second: number): boolean => second >= 4 && (second - 4) % 12 < 8;
    const series = readings(40, (second) => 100 + (second >= 4 ? 30 : 0) + (load(second) ? 500 : 0));
    expect(memoryFloors(series, 10).map(({ total, packets }) => [total, packets])).toEqual([
      [20, 1450],
      [20, 2650],
      [20, 3850],
    ]);
    expect(memoryFloors(series, 50).map(({ total }) => total)).toEqual([0, 0, 0]);
    expect(memoryFloors([])).toEqual([]);
  });
});

const model: LeakModel = { good: 0, bad: 2 };

/** Judged after every cycle, as a stress does. */
function sequential(floors: readonly Floor[], of: LeakModel, errorRate = 0.02) {
  for (let cycles = 1; ; cycles++) {
    const test = testLeak(floors.slice(0, cycles), of, errorRate);
    if (test.decision !== "open" || cycles >= floors.length) return test;
  }
}

describe("the sequential test", () => {
  it("is surer of a leak the more is lost, and knows nothing of a few cycles", () => {
    const slope = fc.double({ min: -5, max: 20, noNaN: true });
    const noise = fc.array(fc.integer({ min: -200_000, max: 200_000 }), { minLength: 8, maxLength: 20 });
    fc.assert(
      fc.property(slope, slope, noise, (a, b, wild) => {
        const of = (perPacket: number) =>
          testLeak(
            wild.map((off, k) => floor(k * 1e6, k * 1e6 * perPacket + off)),
            model,
            0.02,
          ).logLikelihoodRatio;
        expect(of(Math.max(a, b))).toBeGreaterThanOrEqual(of(Math.min(a, b)) - 1e-9);
      }),
    );
    const few = (count: number) => Array.from({ length: count }, (_, k) => floor(k * 1e6, k * 1e9));
    const learnt = { ...model, spreadPerCycle: () => 1 };
    expect([6, 7].map((count) => testLeak(few(count), model, 0.02).decision)).toEqual(["open", "leak"]);
    expect([4, 5].map((count) => testLeak(few(count), learnt, 0.02).decision)).toEqual(["open", "leak"]);
  });

  it("says the same of more memory held all the time", () => {
    const floors = wanderingFloors({ ...quiet, leakBytesPerPacket: 1 }, seeded(3));
    const more = floors.map((each) => ({ ...each, total: each.total + 7 * mib }));
    expect(testLeak(more, model, 0.02)).toEqual(testLeak(floors, model, 0.02));
  });
});

const quiet: Wandering = {
  cycles: 20,
  packetsPerCycle: 1e6,
  leakBytesPerPacket: 0,
  noiseBytes: mib,
  stepBytes: 3 * mib,
};

/** How often each decision comes, and after how many cycles. */
function simulate(of: Partial<Wandering>, model: LeakModel, rounds: number) {
  const random = seeded(11);
  const runs = Array.from({ length: rounds }, () =>
    sequential(wanderingFloors({ ...quiet, ...of }, random), model),
  );
  const share = (decision: string): number => runs.filter((run) => run.decision === decision).length / rounds;
  return {
    leak: share("leak"),
    clean: share("clean"),
    cycles: runs.reduce((n, r) => n + r.cycles, 0) / rounds,
  };
}

describe("on machines whose memory wanders", () => {
  const random = seeded(5);
  const runs = (leakBytesPerPacket: number): Floor[][] =>
    Array.from({ length: 3 }, () => wanderingFloors({ ...quiet, leakBytesPerPacket }, random));

  it.each([30, 10])("%d MiB a cycle are told from none, rarely wrong", (perCycle) => {
    const leak = (perCycle * mib) / 1e6;
    const learnt = leakModel({ good: runs(0), bad: runs(leak) }, 1);
    const [clean, leaking] = [0, leak].map((leakBytesPerPacket) =>
      simulate({ leakBytesPerPacket }, learnt, 300),
    );
    expect(clean!.leak).toBeLessThanOrEqual(0.02);
    expect(leaking!.clean).toBeLessThanOrEqual(0.02);
    expect(leaking!.leak).toBeGreaterThan(0.95);
    expect(clean!.clean).toBeGreaterThan(0.95);
  });

  it("without an endpoint a clean machine is not called leaking", () => {
    const unknown = leakModel({ good: [], bad: [] }, 10);
    expect(unknown).toMatchObject({ good: 0, bad: 10 });
    expect(simulate({}, unknown, 300).leak).toBeLessThanOrEqual(0.02);
  });

  it("a bad endpoint that loses no more than the good one teaches nothing", () => {
    expect(leakModel({ good: runs(1), bad: runs(1) }, 2).bad).toBeCloseTo(3, 0);
  });
});

describe("a leak in words", () => {
  const floors = Array.from({ length: 8 }, (_, k) => ({ ...floor(k * 1e6, k * 50 * mib), slab: k * 2 }));
  const test = testLeak(floors, model, 0.02);
  const held = (pages: number) => ({ total: 0, pages, slab: 0, other: 0 });

  it("says how much, from whom, until when, and whether unloading helps", () => {
    const found = describeLeak(floors, test, {
      packetsPerSecond: 1000,
      availableBytes: 100 * mib,
      unloaded: { before: held(5 * mib), after: held(348 * mib) },
    });
    expect(found).toMatchObject({ decision: "leak", from: "page allocator" });
    expect(leakText(found)).toBe(
      "it loses 50.0 MiB per million packets from the page allocator, seen in 7 cycles; memory is exhausted after 33 minutes of this load; unloading the module gives nothing of it back",
    );
    const back = describeLeak(floors, test, {
      packetsPerSecond: 1000,
      unloaded: { before: held(5 * mib), after: held(6 * mib) },
    });
    expect(leakText(back)).toMatch(/; unloading the module gives it back$/);
  });

  it("names the slab when the slab grew", () => {
    const slab = floors.map((each) => ({ ...each, slab: each.total, pages: 0 }));
    expect(describeLeak(slab, test, { packetsPerSecond: 0 })).toMatchObject({ from: "slab" });
  });
});

function floor(packets: number, total: number): Floor {
  return { atMs: packets, packets, total, pages: total, slab: 0, other: 0 };
}
