// `tarbisect import` against git's own import-tars.perl on the same archives: --archives DIR, or 40 made at run time.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import { makeReleases } from "./more-releases.js";

const launcher = new URL("../bin/tarbisect.js", import.meta.url).pathname;
const peer = "/usr/share/doc/git/contrib/fast-import/import-tars.perl";

/**
 * Times both importers in turns and compares the medians; then tarbisect alone on longer histories.
 * @param {{ archives?: string, pairs?: number, grow?: number[] }} options a folder of NAME-VERSION.tar.gz files; how
 *   often each importer runs; numbers of releases
 * @returns {string[]} lines to print
 */
export function benchImport({ archives, pairs = 3, grow = [] }) {
  const work = mkdtempSync(join(tmpdir(), "tarbisect-bench-"));
  try {
    const from = archives === undefined ? makeArchives(join(work, "archives")) : resolve(archives);
    const compared = existsSync(peer)
      ? compare({ from, work, pairs })
      : [`skipped: ${peer} is missing (Debian's git package has it)`];
    return [...compared, ...grow.map((count) => growth({ from, work, count }))];
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function compare({ from, work, pairs }) {
  const files = readdirSync(from).filter((name) => name.endsWith(".tar.gz"));
  const [ours, theirs] = [join(work, "ours"), join(work, "theirs")];
  const paths = files.map((name) => join(from, name));
  const runs = Array.from({ length: pairs }, () => {
    for (const repository of [ours, theirs]) rmSync(repository, { recursive: true, force: true });
    const oursMs = elapsedMs(launcher, ["import", "--from", from, "--into", ours], work);
    execFileSync("git", ["init", "-q", theirs]);
    return { oursMs, theirsMs: elapsedMs("perl", [peer, ...paths], theirs) };
  });
  const [oursBytes, theirsBytes] = [packBytes(ours), packBytes(theirs)];
  const ratios = runs.map(({ oursMs, theirsMs }) => oursMs / theirsMs);
  const ofMedians = `${seconds(median(runs.map((run) => run.oursMs)))} against ${seconds(median(runs.map((run) => run.theirsMs)))}`;
  return [
    `${files.length} archives, medians of ${pairs} pairs: ${ofMedians}, ratio ${median(ratios).toFixed(2)} (${ratios.map((ratio) => ratio.toFixed(2)).join(" ")})`,
    `packs: ${megabytes(oursBytes)} against ${megabytes(theirsBytes)}, ratio ${(oursBytes / theirsBytes).toFixed(2)}`,
  ];
}

/** One import of `count` releases; time and memory per release tell whether it grows in a line. */
function growth({ from, work, count }) {
  const [archives, repository] = [join(work, `of-${count}`), join(work, `grown-${count}`)];
  makeReleases({ from, into: archives, count });
  const started = performance.now();
  const argv = [launcher, "import", "--from", archives, "--into", repository];
  const { status, stderr } = spawnSync("/usr/bin/time", ["-f", "%M %U %S", ...argv], { encoding: "utf8" });
  if (status !== 0)
    throw new Error(`import of ${count} releases ended with ${status}: ${stderr.slice(-500)}`);
  const ms = performance.now() - started;
  const [kilobytes, user, system] = stderr.trim().split("\n").at(-1).split(" ").map(Number);
  const cpuMs = (user + system) * 1000;
  const line = `${count} releases: ${seconds(ms)} (${(ms / count).toFixed(1)} ms each), CPU ${seconds(cpuMs)} (${(cpuMs / count).toFixed(1)} ms each), peak memory ${Math.round(kilobytes / 1024)} MiB, packs ${megabytes(packBytes(repository))}`;
  rmSync(archives, { recursive: true });
  rmSync(repository, { recursive: true });
  return line;
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function makeArchives(folder) {
  for (let release = 0; release < 40; release++) {
    const top = `bench-1.${release}.0`;
    mkdirSync(join(folder, top, "src"), { recursive: true });
    for (let file = 0; file < 40; file++)
      writeFileSync(join(folder, top, "src", `unit${file}.c`), sourceText(file, release));
    execFileSync("tar", ["-C", folder, "-czf", join(folder, `${top}.tar.gz`), top]);
    rmSync(join(folder, top), { recursive: true });
  }
  return folder;
}

function sourceText(file, release) {
  return Array.from(
    { length: 800 },
    (_, line) =>
      `int f${file}_${line}(int x) { return x * ${line % 97 === release ? release : line} + ${file}; }\n`,
  ).join("");
}

function elapsedMs(program, args, cwd) {
  const started = performance.now();
  execFileSync(program, args, { cwd, stdio: ["ignore", "ignore", "pipe"], maxBuffer: 1 << 28 });
  return performance.now() - started;
}

function packBytes(repository) {
  const folder = join(repository, ".git/objects/pack");
  const packs = readdirSync(folder).filter((name) => name.endsWith(".pack"));
  return packs.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
