// The main job on what the project ships, as a user would type it: a vendor's releases, a history made of them,
// and a bisect that builds each release's module on this machine's kernel headers.
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

const driver = "tbnic";
const packDemo = fileURLToPath(new URL("pack-demo.js", import.meta.url));
const launcher = fileURLToPath(new URL("../bin/tarbisect.js", import.meta.url));

/** What is looked for: a function that a release brought, seen in the module that was built. */
const symbol = "tbnic_add_rule";

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

function settingsText(kernel) {
  return `kernel: ${kernel}
build:
  run: make -j2 -C src BUILD_KERNEL="$TARBISECT_KERNEL" CFLAGS_EXTRA="$TARBISECT_CFLAGS"
  timeout: 5m
stress:
  run: if nm src/${driver}.ko | grep ${symbol}; then exit 1; fi
  timeout: 1m
`;
}

/** One commit and tag per archive, oldest first. */
async function makeHistory(archives) {
  await type(work, `git init -q -b releases ${driver}`);
  const git = "git -c user.name=vendor -c user.email=vendor@localhost";
  await type(
    join(work, driver),
    `for archive in $(ls ${archives}/*.tar.gz | sort -V); do
    version=$(basename $archive .tar.gz | cut -d- -f2)
    git rm -rfq --ignore-unmatch . && tar -xzf $archive --strip-components=1 && git add -Af .
    ${git} commit -qm "${driver} $version" && ${git} tag -am $version v$version && echo v$version
  done`,
  );
}

async function demo() {
  const archives = join(work, "vendor");
  mkdirSync(bin);
  symlinkSync(launcher, join(bin, "tarbisect"));
  await type(work, `node ${packDemo} ${archives}`);
  await makeHistory(archives);
  writeFileSync(join(work, "tarbisect.yaml"), settingsText(kernelWithHeaders()));
  console.log(`\n$ cat tarbisect.yaml\n${readFileSync(join(work, "tarbisect.yaml"), "utf8").trimEnd()}`);
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
