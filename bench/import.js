// `tarbisect import` against git's own import-tars.perl on the same archives: --archives DIR, or 40 made at run time.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { performance } from "node:perf_hooks";

const launcher = new URL("../bin/tarbisect.js", import.meta.url).pathname;
const peer = "/usr/share/doc/git/contrib/fast-import/import-tars.perl";

/**
 * Times both importers once and compares wall time and pack size.
 * @param {{ archives?: string }} options a folder of NAME-VERSION.tar.gz files
 * @returns {string[]} lines to print
 */
export function benchImport({ archives }) {
  if (!existsSync(peer)) return [`skipped: ${peer} is missing (Debian's git package has it)`];
  const work = mkdtempSync(join(tmpdir(), "tarbisect-bench-"));
  try {
    const from = archives === undefined ? makeArchives(join(work, "archives")) : resolve(archives);
    const files = readdirSync(from).filter((name) => name.endsWith(".tar.gz"));
    const [ours, theirs] = [join(work, "ours"), join(work, "theirs")];
    const oursMs = elapsedMs(launcher, ["import", "--from", from, "--into", ours], work);
    execFileSync("git", ["init", "-q", theirs]);
    const paths = files.map((name) => join(from, name));
    const theirsMs = elapsedMs("perl", [peer, ...paths], theirs);
    const [oursBytes, theirsBytes] = [packBytes(ours), packBytes(theirs)];
    return [
      `${files.length} archives: ${seconds(oursMs)} against ${seconds(theirsMs)}, ratio ${(oursMs / theirsMs).toFixed(2)}`,
      `packs: ${megabytes(oursBytes)} against ${megabytes(theirsBytes)}, ratio ${(oursBytes / theirsBytes).toFixed(2)}`,
    ];
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
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
