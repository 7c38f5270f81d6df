// What a step on a target costs beyond build, load and the planned stress: on the lab's guest, with the demo driver.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";

const at = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const tarbisect = at("bin/tarbisect.js");
const version = "1.3.0";
const plannedSeconds = 5;
const rounds = 3;

/** Lines for people; the median of some steps whose module is built before. */
export function benchStep() {
  const work = mkdtempSync(join(tmpdir(), "tarbisect-bench-"));
  const lab = `bench-${process.pid}`;
  try {
    const repository = prepare(work, lab);
    execFileSync(tarbisect, ["lab", "up", "--name", lab], { stdio: ["ignore", "ignore", "inherit"] });
    const steps = Array.from({ length: rounds + 1 }, () => timeStep(repository)).slice(1);
    const median = steps.map(({ overheadMs }) => overheadMs).sort((a, b) => a - b)[Math.floor(rounds / 2)];
    const parts = steps.at(-1).stages.map(({ stage, elapsedMs }) => `${stage} ${seconds(elapsedMs)}`);
    return [
      `overhead ${seconds(median)} s beyond build, load and ${plannedSeconds} s of stress (median of ${rounds}; at most 3 s is promised)`,
      `parts of the last one in seconds: ${parts.join(", ")}`,
    ];
  } finally {
    spawnSync(tarbisect, ["lab", "down", "--name", lab]);
    rmSync(work, { recursive: true, force: true });
  }
}

function prepare(work, lab) {
  const archives = join(work, "archives");
  mkdirSync(archives);
  execFileSync("node", [at("scripts/pack-demo.js"), archives, version]);
  execFileSync(tarbisect, ["import", "demo", "--from", archives, "--into", join(work, "tbnic")], {
    stdio: "ignore",
    cwd: work,
  });
  const host = (guest) => ({ lab: `${lab}/${guest}`, interfaces: [{ driver: "e1000" }] });
  const settings = {
    driver: "demo",
    hosts: { target: host("target"), peer: host("peer1") },
    target: "target",
    peers: ["peer"],
    stress: { run: `sleep ${plannedSeconds}` },
  };
  writeFileSync(join(work, "tarbisect.yaml"), JSON.stringify(settings));
  execFileSync("git", ["checkout", "-q", `v${version}`], { cwd: join(work, "tbnic") });
  return join(work, "tbnic");
}

function timeStep(repository) {
  const begun = performance.now();
  const { status, stderr } = spawnSync(tarbisect, ["step"], { cwd: repository, encoding: "utf8" });
  const wholeMs = performance.now() - begun;
  if (status !== 0) throw new Error(`the step ended with ${status}: ${stderr}`);
  const trials = join(repository, ".tarbisect/evidence");
  const { stages } = JSON.parse(
    readFileSync(join(trials, readdirSync(trials).sort().at(-1), "verdict.json"), "utf8"),
  );
  const taken = stages
    .filter(({ stage }) => stage === "build" || stage === "load")
    .reduce((sum, { elapsedMs }) => sum + elapsedMs, plannedSeconds * 1000);
  return { overheadMs: wholeMs - taken, stages };
}

function seconds(ms) {
  return (ms / 1000).toFixed(1);
}
