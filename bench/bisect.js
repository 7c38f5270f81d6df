// The search against worlds whose answer is known: how often it is right, and in how many trials, ends included.
import { assess } from "../dist/bisect/situation.cjs";
import { testsDue } from "../dist/bisect/tests-due.cjs";

const releases = 54;

/** Rates of a bad and a good release to fail; what is promised of each. */
const worlds = [
  { name: "clean", flaky: "none", failure: 1, falseAlarm: 0, rounds: 530, least: 0.99 },
  { name: "half", flaky: "one-sided", failure: 0.5, falseAlarm: 0, rounds: 1060, least: 0.95, most: 32 },
  { name: "noisy", flaky: "two-sided", failure: 0.9, falseAlarm: 0.1, rounds: 1060, least: 0.95, most: 26 },
];

/** Lines for people. */
export function benchBisect() {
  return [
    ...worlds.map(benchWorld),
    ...[2, 3].flatMap((targets) => worlds.map((world) => benchTargets(world, targets))),
  ];
}

function benchWorld(world) {
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
}

/** Several targets, each trial as long as another: rounds against those of one, after the ends. */
function benchTargets(world, targets) {
  const rounds = Math.round(world.rounds / 5);
  const [one, several] = [1, targets].map((count) => {
    const random = seeded(7);
    const runs = Array.from({ length: rounds }, (_, round) =>
      playRounds(world, { firstBad: 1 + (round % (releases - 1)), targets: count, random }),
    );
    const mean = (of) => runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
    return { right: mean((run) => (run.right ? 1 : 0)), rounds: mean((run) => run.rounds) };
  });
  const aim = Math.log2(targets + 1);
  return (
    `${world.name} on ${targets} targets: ${(several.right * 100).toFixed(1)} % right in ${several.rounds.toFixed(1)} rounds ` +
    `after the ends, ${one.rounds.toFixed(1)} on one: ${(one.rounds / several.rounds).toFixed(2)} times as fast ` +
    `(cuts into ${targets + 1} parts: ${aim.toFixed(2)})`
  );
}

function playRounds({ flaky, failure, falseAlarm }, { firstBad, targets, random }) {
  const plan = { flaky, confidence: 0.95, failures: 3 };
  const trials = [];
  for (let rounds = 0; ;) {
    const facts = { releases, plan, trials, marks: [], same: [] };
    const known = assess(facts);
    const due = testsDue(facts, known, { pending: [], free: targets });
    if (due.length === 0)
      return { right: known.next.kind === "found" && known.next.index === firstBad, rounds };
    if (known.next.why === "search") rounds++;
    for (const index of due) {
      const rate = index >= firstBad ? failure : falseAlarm;
      trials.push({ index, verdict: random() < rate ? "bad" : "good", minutes: 1 });
    }
  }
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
