// The whole story on what the project ships, as a user would type it: a vendor's releases over HTTP, a history made of
// them, two guests as servers, and a bisect that loads each release's module on one and sends it traffic from the other.
// --short begins nearer to the guilty release, for the tests.
import { spawn } from "node:child_process";
import {
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
const [good, bad, fixed] = [process.argv.includes("--short") ? "v1.2.6" : "v1.0.2", "v1.3.14", "v1.4.2"];

const work = mkdtempSync(join(tmpdir(), "tarbisect-demo-"));
const cache = join(work, "cache");
const bin = join(work, "bin");
// Kernels are large, so they are kept where every command of this checkout keeps them.
const kernels = join(
  process.env.TARBISECT_CACHE ? resolve(process.env.TARBISECT_CACHE) : join(root, "cache"),
  "kernels",
);

/** Runs one line with sh, shows it and what it prints; a line that fails ends the demo with 128. */
async function type(cwd, line) {
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
  if (code !== 0) throw new Error(`"${line}" ended with ${code}`);
  return output;
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
  flows: [{ from: peer, to: server, udp: true, bitrate: 50M }]
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
  await type(work, "tarbisect lab up --name demo");
  return await bisect(join(work, driver));
}

async function bisect(repository) {
  await type(repository, "tarbisect doctor --target");
  await type(repository, `git bisect start ${bad} ${good}`);
  const output = await type(repository, "git bisect run tarbisect step");
  const [, commit] = /^([0-9a-f]{40}) is the first bad commit$/m.exec(output) ?? [];
  if (commit === undefined) throw new Error("git bisect named no commit");
  const tag = (await type(repository, `git describe --tags --exact-match ${commit}`)).trim();
  const trials = join(repository, ".tarbisect/evidence");
  const guilty = readdirSync(trials).find((name) => name.includes(`-${tag}-`));
  if (guilty === undefined) throw new Error(`there is no evidence for ${tag}`);
  const trial = join(".tarbisect/evidence", guilty);
  await type(repository, `ls ${trial}; tarbisect evidence ${trial}/serial.log | head -n 25`);
  await type(
    repository,
    `tarbisect suspects ${previous(tag)} ${tag} --fixed ${fixed} --trace ${trial}/serial.log --top 3`,
  );
  return `the bug came with ${tag}; its evidence lay in ${trial}`;
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
  rmSync(work, { recursive: true, force: true });
  console.log(elapsed(started));
}

function elapsed(since) {
  return `(${((Date.now() - since) / 1000).toFixed(0)} s in all)`;
}
