// The main job on what the project ships, as a user would type it: a vendor's releases over HTTP, a history made of
// them, and a bisect that builds each release's module on this machine's kernel headers.
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
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { serveReleases } from "./demo-server.js";

const driver = "tbnic";
const packDemo = fileURLToPath(new URL("pack-demo.js", import.meta.url));
const launcher = fileURLToPath(new URL("../bin/tarbisect.js", import.meta.url));

/** What is looked for: a function that a release brought, seen in the module that was built. */
const symbol = "tbnic_add_rule";

/** A release that the vendor's server has no more, but a mirror has. */
const withdrawn = "1.3.10";

const work = mkdtempSync(join(tmpdir(), "tarbisect-demo-"));
const cache = join(work, "cache");
const bin = join(work, "bin");

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

/** The newest kernel whose headers are installed. */
function kernelWithHeaders() {
  const kernels = existsSync("/lib/modules") ? readdirSync("/lib/modules") : [];
  const kernel = kernels.filter((name) => existsSync(`/lib/modules/${name}/build/Makefile`)).at(-1);
  if (kernel === undefined) throw new Error("no kernel headers (hint: apt-get install linux-headers-amd64)");
  return kernel;
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
releases:
${releases.join("")}`;
}

function settingsText(kernel) {
  return `driver: ./${driver}.yaml
kernel: ${kernel}
build:
  run: make -j2 -C src BUILD_KERNEL="$TARBISECT_KERNEL" CFLAGS_EXTRA="$TARBISECT_CFLAGS"
  timeout: 5m
stress:
  run: if nm src/${driver}.ko | grep ${symbol}; then exit 1; fi
  timeout: 1m
`;
}

async function demo() {
  const archives = join(work, "vendor");
  mkdirSync(bin);
  symlinkSync(launcher, join(bin, "tarbisect"));
  await type(work, `node ${packDemo} ${archives}`);
  const server = await serveReleases(archives, driver, withdrawn);
  try {
    writeFileSync(join(work, `${driver}.yaml`), catalogText(server.releases));
    writeFileSync(join(work, "tarbisect.yaml"), settingsText(kernelWithHeaders()));
    console.log(`\n$ cat tarbisect.yaml\n${readFileSync(join(work, "tarbisect.yaml"), "utf8").trimEnd()}`);
    await type(work, `tarbisect releases ./${driver}.yaml`);
    await type(work, `tarbisect import ./${driver}.yaml --into ${driver}`);
  } finally {
    server.stop();
  }
  const repository = join(work, driver);
  const tags = (await type(repository, "git tag --list 'v*' --sort=version:refname")).trim().split("\n");
  await type(repository, `git bisect start ${tags.at(-1)} ${tags[0]}`);
  const output = await type(repository, "git bisect run tarbisect step");
  const [, commit] = /^([0-9a-f]{40}) is the first bad commit$/m.exec(output) ?? [];
  if (commit === undefined) throw new Error("git bisect named no commit");
  const tag = (await type(repository, `git describe --tags --exact-match ${commit}`)).trim();
  return `${symbol} came with ${tag}: the first release whose module holds it`;
}

const started = Date.now();
try {
  const answer = await demo();
  console.log(`\n${answer}\n${elapsed(started)}`);
} catch (error) {
  console.error(`demo: ${error.message}`);
  process.exitCode = 128;
} finally {
  rmSync(work, { recursive: true, force: true });
}

function elapsed(since) {
  return `(${((Date.now() - since) / 1000).toFixed(0)} s in all)`;
}
