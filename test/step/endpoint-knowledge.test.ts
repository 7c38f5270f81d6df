import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { endpointKnowledge } from "../../src/step/endpoint-knowledge.js";
import type { KeptTrial } from "../../src/step/kept-trials.js";
import type { Verdict } from "../../src/step/verdict.js";
import { releaseRepository } from "../launcher/bisected-repository.js";

it("counts a failure of the bad end for its time where the machine died before it told its packets", async () => {
  const repository = releaseRepository([0, 1, 2].map((x) => ({ "driver.c": `int x = ${x};\n` })));
  const [good, mid, bad] = ["v1.0", "v1.1", "v1.2"].map((tag) =>
    execFileSync("git", ["rev-parse", `${tag}^{commit}`], { cwd: repository, encoding: "utf8" }).trim(),
  );
  const settings = { stress: { flows: [] } };
  const trial = (commit: string, verdict: Verdict, packets: number, seconds: number): KeptTrial => ({
    folder: "/nowhere",
    version: "",
    commit,
    place: "server",
    time: "",
    settings,
    verdict,
    fault: undefined,
    exposure: { seconds, packets, perQueue: {}, planned: "", reached: true, receivedBytes: 0 },
  });
  const crash: Verdict = { kind: "bad", cause: "crash", detail: "BUG" };
  const short: Verdict = { kind: "skip", cause: "exposure-short", detail: "clean", missChance: 0.4 };
  const wanted = { ends: { good, bad }, commit: mid!, settings, place: "server" };
  const runsOf = async (...trials: KeptTrial[]) => (await endpointKnowledge(trials, repository, wanted)).runs;

  const atOnce = trial(bad!, crash, 0, 1.5);
  expect(await runsOf(atOnce)).toEqual({ failed: [], clean: [] });
  // A thousand a second is what another release received.
  const known = [atOnce, trial(bad!, crash, 2000, 2.5), trial(mid!, { kind: "good" }, 10_000, 10)];
  expect(await runsOf(...known)).toEqual({ failed: [1500, 2500], clean: [] });
  // A longer time for the same load changes nothing of what is known of it, another load does.
  const asked = (stress: object) => ({ ...wanted, settings: { stress: { flows: [], ...stress } } });
  const ofAsked = async (stress: object) =>
    (await endpointKnowledge(known, repository, asked(stress))).runs.failed;
  expect(await ofAsked({ timeout: "4h", duration: "1h", exposure: { packets: 9 } })).toEqual([1500, 2500]);
  expect(await ofAsked({ memleak: "on" })).toEqual([]);
  // A clean run of the bad end counts as one whatever it was called; one that could not be judged does not.
  const others = [
    trial(bad!, short, 9000, 10),
    trial(bad!, { kind: "skip", cause: "exposure-short", detail: "the interface was reset" }, 9000, 10),
  ];
  expect(await runsOf(...known, ...others)).toEqual({ failed: [1500, 2500], clean: [9000] });
});
