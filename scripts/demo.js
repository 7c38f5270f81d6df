// The whole story on what the project ships, as a user would type it: a vendor's releases over HTTP, a history made of
// them, two guests as servers, a bisect that loads each release's module on one and sends it traffic from the other, the
// guilty release cut into small commits, the bisect inside it, the culprit taken out and put in, the bad release mended by
// revert.patch, and the report. --short begins nearer to the guilty release and cuts one file of it finely, for the tests.
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { serveReleases } from "./demo-server.js";

const driver = "tbnic";
const root = fileURLToPath(new URL("..", import.meta.url));
const packDemo = join(root, "scripts/pack-demo.js");
const launcher = join(root, "bin/tarbisect.js");

/** A release that the vendor's server has no more, but a mirror has. */
const withdrawn = "1.3.10";
const isShort = process.argv.includes("--short");
const [good, bad, fixed] = [isShort ? "v1.2.6" : "v1.0.2", "v1.3.14", "v1.4.2"];

const work = mkdtempSync(join(tmpdir(), "tarbisect-demo-"));
const cache = join(work, "cache");
const bin = join(work, "bin");
// Kernels are large, so they are kept where every command of this checkout keeps them.
const kernels = join(
  process.env.TARBISECT_CACHE ? resolve(process.env.TARBISECT_CACHE) : join(root, "cache"),
  "kernels",
);

/**
 * Runs one line with sh, shows it and what it prints. A trial that a fault of the machine or the harness stopped is typed again,
 * twice at most, as a user would; any other end than the expected one ends the demo with 128.
 */
async function type(cwd, line, expected = 0) {
  for (let tries = 0; ; tries++) {
    const { code, output } = await run(cwd, line);
    if (code === expected) return output;
    const isTrial = /tarbisect (?:step|split check)/.test(line);
    if (!isTrial || code !== 128 || tries === 2) throw new Error(`"${line}" ended with ${code}`);
  }
}

async function run(cwd, line) {
  console.log(`\n$ ${line}`);
  const env = { ...process.env, TARBISECT_CACHE: cache, PATH: `${bin}:${process.env.PATH}` };
  const child = spawn("sh", ["-c", line], {
    cwd,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
    process.stdout.write(chunk);
  });
  const code = await new Promise((resolve) => child.on("close", resolve));
  return { code, output };
}

function catalogText(served) {
  const releases = served.map(
    ({ version, urls }) =>
      `  - { version: "${version}", withdrawn: ${version === withdrawn}, urls: ${JSON.stringify(urls)} }\n`,
  );
  return `driver: ${driver}
module: ${driver}
sourceFolder: src
recipe: { kind: vendor-make, variables: { BUILD_KERNEL: "{kernel}" } }
${fixupsText()}releases:
${releases.join("")}`;
}

/** The fixups that the shipped catalog has for these releases. */
function fixupsText() {
  const text = readFileSync(join(root, "releases/demo.yaml"), "utf8");
  return text.slice(text.indexOf("fixups:"), text.indexOf("releases:\n"));
}

const settings = `driver: ./${driver}.yaml
hosts:
  server: { lab: demo/target, interfaces: [{ mac: "52:54:00:7b:00:01" }] }
  peer: { lab: demo/peer1, interfaces: [{ mac: "52:54:00:7b:01:01" }] }
target: server
peers: [peer]
load: { inTree: e1000 }
configure:
  - { address: 10.77.1.1/24, features: { ntuple: true } }
  - { host: peer, address: 10.77.1.2/24 }
amplify: true
stress:
  flows: [{ from: peer, to: server, udp: true, bitrate: 50M, window: 8192 }]
  exposure: { packets: 40000 }
  duration: 4m
`;

async function demo() {
  const archives = join(work, "vendor");
  mkdirSync(bin);
  symlinkSync(launcher, join(bin, "tarbisect"));
  mkdirSync(cache);
  mkdirSync(kernels, { recursive: true });
  symlinkSync(kernels, join(cache, "kernels"));
  await type(work, `node ${packDemo} ${archives}`);
  const server = await serveReleases(archives, driver, withdrawn);
  try {
    writeFileSync(join(work, `${driver}.yaml`), catalogText(server.releases));
    await type(work, `tarbisect releases ./${driver}.yaml`);
    await type(work, `tarbisect import ./${driver}.yaml --into ${driver}`);
  } finally {
    server.stop();
  }
  writeFileSync(join(work, "tarbisect.yaml"), settings);
  await type(work, "cat tarbisect.yaml");
  const lab = await type(work, "tarbisect lab up --name demo");
  await type(work, "tarbisect lab status --name demo");
  await type(work, "tarbisect lab ssh --name demo -- uname -r");
  const repository = join(work, driver);
  await type(repository, "tarbisect doctor --target");
  await type(repository, "git config user.name Demo; git config user.email demo@example.org");
  const release = await bisectReleases(repository);
  const [, kernel] = /kernel (\S+),/.exec(lab) ?? [];
  const inside = await bisectInside(repository, release, kernel);
  return `${await tell(repository, release)}\n${inside}`;
}

/** The guilty release's tag, the one before it, and the folder of its trial. */
async function bisectReleases(repository) {
  await type(repository, `git bisect start ${bad} ${good}`);
  const commit = await firstBad(repository);
  const tag = (await type(repository, `git describe --tags --exact-match ${commit}`)).trim();
  const trials = join(repository, ".tarbisect/evidence");
  const judged = readdirSync(trials).filter((name) => existsSync(join(trials, name, "verdict.json")));
  const guilty = judged.find((name) => name.includes(`-${tag}-`));
  if (guilty === undefined) throw new Error(`there is no evidence for ${tag}`);
  const trial = join(".tarbisect/evidence", guilty);
  await type(repository, `ls ${trial}; tarbisect evidence ${trial}/serial.log | head -n 25`);
  await type(repository, `tarbisect decode ${trial}/serial.log`);
  return { tag, before: previous(tag), trial };
}

async function firstBad(repository) {
  const output = await type(repository, "git bisect run tarbisect step");
  const [, commit] = /^([0-9a-f]{40}) is the first bad commit$/m.exec(output) ?? [];
  if (commit === undefined) throw new Error("git bisect named no commit");
  return commit;
}

/** In the guilty release: the small commit that brings the bug, shown to be its cause, and the release without it. */
async function bisectInside(repository, release, kernel) {
  const { tag, before } = release;
  // The more failures are known, the fewer packets show that a commit is clean.
  for (let time = 0; time < 2; time++) await type(repository, `git checkout -q ${tag} && tarbisect step`, 1);
  const limit = isShort ? ` --path ${await suspectedFile(repository, release)}` : "";
  await type(repository, `tarbisect split ${before} ${tag} --kernel ${kernel}${limit}`);
  await type(repository, `git bisect start split/${before}-to-${tag} ${before}`);
  const commit = await firstBad(repository);
  await type(repository, "tarbisect split check --times 1");
  await type(repository, `git checkout -q ${tag} && git apply revert.patch && git commit -qam mended`);
  await type(repository, "git show --stat --format=%s && tarbisect step");
  const subject = (await type(repository, `git log -1 --format=%s ${commit}`)).trim();
  return `inside it: ${subject} (${commit.slice(0, 12)})`;
}

async function suspectedFile(repository, { tag, before, trial }) {
  const suspects = `tarbisect suspects ${before} ${tag} --fixed ${fixed} --trace ${trial}/serial.log`;
  const [, file] = /^1\. \S+ \((\S+)\)/m.exec(await type(repository, `${suspects} --top 1`)) ?? [];
  if (file === undefined) throw new Error("nothing is suspected");
  return file;
}

/** What a reader gets; the page and the mail outlive the demo. */
async function tell(repository, { tag, before, trial }) {
  await type(
    repository,
    `tarbisect suspects ${before} ${tag} --fixed ${fixed} --trace ${trial}/serial.log --top 3`,
  );
  const report = `tarbisect report --fixed ${fixed}`;
  await type(repository, `${report} --format html -o ../report.html`);
  await type(repository, `${report} --format mail -o ../report.eml`);
  await type(repository, `${report} | head -n 20`);
  return (
    `the page: ${join(work, "report.html")}\nthe mail: ${join(work, "report.eml")}\n` +
    `the bug came with ${tag}; its evidence lay in ${trial}`
  );
}

/** The release before a tag, in the order of the demo's series. */
function previous(tag) {
  const lines = readFileSync(join(root, "releases/demo/series"), "utf8").trim().split("\n");
  const series = lines.map((line) => line.split(" ")[0]);
  return `v${series[series.indexOf(tag.slice(1)) - 1]}`;
}

const started = Date.now();
// Ctrl-C reaches the command that runs, which then ends; the guests have no terminal and are ended below.
process.on("SIGINT", () => undefined);
try {
  const answer = await demo();
  console.log(`\n${answer}`);
} catch (error) {
  console.error(`demo: ${error.message}`);
  process.exitCode = 128;
} finally {
  await type(work, "tarbisect lab down --name demo").catch(() => undefined);
  for (const name of readdirSync(work).filter((name) => !/^report\./.test(name)))
    rmSync(join(work, name), { recursive: true, force: true });
  if (readdirSync(work).length === 0) rmSync(work, { recursive: true });
  console.log(elapsed(started));
}

function elapsed(since) {
  return `(${((Date.now() - since) / 1000).toFixed(0)} s in all)`;
}
