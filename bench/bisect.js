// The search against worlds whose answer is known: how often it is right, and in how many trials, ends included.
import { assess } from "../dist/bisect/situation.js";

const releases = 54;

/** Rates of a bad and a good release to fail; what is promised of each. */
const worlds = [
  { name: "clean", flaky: "none", failure: 1, falseAlarm: 0, rounds: 530, least: 0.99 },
  { name: "half", flaky: "one-sided", failure: 0.5, falseAlarm: 0, rounds: 1060, least: 0.95, most: 32 },
  { name: "noisy", flaky: "two-sided", failure: 0.9, falseAlarm: 0.1, rounds: 1060, least: 0.95, most: 26 },
];

/** Lines for people. */
export function benchBisect() {
  return worlds.map((world) => {
    const random = seeded(world.seed ?? 7);
    const runs = Array.from({ length: world.rounds }, (_, round) =>
      play(world, 1 + (round % (releases - 1)), random),
    );
    const right = runs.filter((run) => run.right).length / runs.length;
    const trials = runs.reduce((sum, run) => sum + run.trials, 0) / runs.length;
    const most = world.most ?? Math.ceil(Math.log2(releases - 1)) + 4;
    const holds = right >= world.least && trials <= most ? "holds" : "DOES NOT HOLD";
    return (
      `${world.name}: ${(right * 100).toFixed(1)} % right in ${trials.toFixed(1)} trials of ${runs.length} bisects over ` +
      `${releases} releases (at least ${world.least * 100} % in at most ${most} are promised: ${holds})`
    );
  });
}

function play({ flaky, failure, falseAlarm }, firstBad, random) {
  const plan = { flaky, confidence: 0.95, failures: 3 };
  const trials = [];
  for (;;) {
    const { next } = assess({ releases, plan, trials, marks: [], same: [] });
    if (next.kind !== "test")
      return { right: next.kind === "found" && next.index === firstBad, trials: trials.length };
    const rate = next.index >= firstBad ? failure : falseAlarm;
    trials.push({ index: next.index, verdict: random() < rate ? "bad" : "good", minutes: 1 });
  }
}

/** Park and Miller's minimal standard generator: the same run every time. */
function seeded(seed) {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}
